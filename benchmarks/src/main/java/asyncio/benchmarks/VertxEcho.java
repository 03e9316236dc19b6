package asyncio.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServerOptions;

/// An echo server on Vert.x with one event loop: `VertxEcho PORT`.
///
/// Threads: its own.
final class VertxEcho {
    private VertxEcho() {}

    /// Serves until the process is ended.
    ///
    /// @param arguments the port
    static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
        vertx.createNetServer(new NetServerOptions().setAcceptBacklog(1024).setTcpNoDelay(true))
                .connectHandler(socket -> socket.handler(socket::write).exceptionHandler(e -> socket.close()))
                .listen(Integer.parseInt(arguments[0]), "127.0.0.1");
    }
}
