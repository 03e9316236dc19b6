package asyncio.net;

import asyncio.Asyncio;
import asyncio.ChannelWatch;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.ReusableHandle;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// Accepts connections and serves each in a task.
///
/// Threads: loop-confined.
public final class Server implements AutoCloseable {
    private final EventLoop loop;
    private final ServerSocketChannel channel;
    private final StreamHandler handler;
    private final ChannelWatch watch;
    private final ReusableHandle accept;
    private final Runnable beforeClose; // run once

    Server(EventLoop loop, ServerSocketChannel channel, StreamHandler handler) {
        this(loop, channel, handler, () -> {});
    }

    Server(EventLoop loop, ServerSocketChannel channel, StreamHandler handler, Runnable beforeClose) {
        this.loop = loop;
        this.channel = channel;
        this.handler = handler;
        this.beforeClose = beforeClose;
        watch = loop.watch(channel, this);
        accept = loop.createHandle(this::acceptAll);
        watch.onReadable(accept::schedule);
    }

    private void acceptAll() {
        try {
            SocketChannel accepted;
            while (channel.isOpen() && (accepted = channel.accept()) != null) {
                accepted.configureBlocking(false);
                ByteStream stream = new ChannelStream(loop, accepted);
                loop.createTask(Asyncio.async(() -> serve(stream)));
            }
            watch.onReadable(accept::schedule);
        } catch (IOException e) {
            loop.callExceptionHandler(ExceptionContext.of("accept failed", e));
        }
    }

    private void serve(ByteStream stream) {
        try (stream) {
            handler.handle(stream);
        } catch (Exception e) {
            loop.callExceptionHandler(ExceptionContext.of("Unhandled exception in client_connected_cb", e));
        }
    }

    /// Where this listens.
    ///
    /// @return the address
    public InetSocketAddress localAddress() {
        try {
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            throw new IllegalStateException("server is closed: " + this, e);
        }
    }

    /// Stops listening.
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        beforeClose.run();
        watch.close();
        try {
            channel.close();
        } catch (IOException e) {
            loop.callExceptionHandler(ExceptionContext.of("close failed", e));
        }
    }

    @Override
    public String toString() {
        return "<Server " + channel + ">";
    }
}
