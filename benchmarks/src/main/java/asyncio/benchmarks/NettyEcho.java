package asyncio.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// An echo server on Netty with one event loop: `NettyEcho PORT nio|epoll [CERTIFICATES KEY]`.
///
/// Threads: its own.
final class NettyEcho {
    private NettyEcho() {}

    /// Serves until the process is ended.
    ///
    /// @param arguments the port, the transport, and for TLS two PEM files
    /// @throws SSLException if a file does not fit
    static void main(String[] arguments) throws SSLException {
        boolean epoll = arguments[1].equals("epoll");
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        SslContext tls = arguments.length < 4
                ? null
                : SslContextBuilder.forServer(new File(arguments[2]), new File(arguments[3]))
                        .sslProvider(SslProvider.JDK) // what we use, too
                        .build();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
        new ServerBootstrap()
                .group(group)
                .channel(channel)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Pipeline(tls))
                .bind("127.0.0.1", Integer.parseInt(arguments[0]))
                .syncUninterruptibly()
                .channel()
                .closeFuture()
                .syncUninterruptibly();
    }

    /// Sets up each connection.
    ///
    /// Threads: Netty's.
    private static final class Pipeline extends ChannelInitializer<SocketChannel> {
        private final @Nullable SslContext tls;

        Pipeline(@Nullable SslContext tls) {
            this.tls = tls;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            channel.pipeline().addLast(new Echo());
        }
    }

    /// Sends back what it gets.
    ///
    /// Threads: Netty's.
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var _ = context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}
