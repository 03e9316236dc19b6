package asyncio.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// A blocking echo server with a virtual thread for each connection: `ThreadEcho PORT`.
///
/// Threads: its own.
final class ThreadEcho {
    private static final int BUFFER_BYTES = 65536;

    private ThreadEcho() {}

    /// Serves until the process is ended.
    ///
    /// @param arguments the port
    /// @throws IOException if the port is taken
    static void main(String[] arguments) throws IOException {
        try (ServerSocket server =
                new ServerSocket(Integer.parseInt(arguments[0]), 1024, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket accepted = server.accept();
                accepted.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> echo(accepted));
            }
        }
    }

    private static void echo(Socket connection) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (connection) {
            int count;
            while ((count = connection.getInputStream().read(buffer)) >= 0) {
                connection.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // The load generator resets its connections.
        }
    }
}
