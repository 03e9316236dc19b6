package network;

import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.spi.Poller;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A listening socket whose connections and failures are made up, and a poller in virtual time for it.
final class FakeListener extends ServerSocketChannel {
    private final Deque<Object> coming = new ArrayDeque<>(); // connections, and failures of accept

    FakeListener() {
        super(SelectorProvider.provider());
    }

    /// Connections that wait to be accepted; they are not connected to anything.
    void connections(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            coming.add(SocketChannel.open());
        }
    }

    /// What accept fails with, in its turn.
    void failure(IOException failure) {
        coming.add(failure);
    }

    int waiting() {
        return coming.size();
    }

    @Override
    public @Nullable SocketChannel accept() throws IOException {
        return switch (coming.poll()) {
            case null -> null;
            case IOException failure -> throw failure;
            case Object connection -> (SocketChannel) connection;
        };
    }

    @Override
    public ServerSocketChannel bind(@Nullable SocketAddress local, int backlog) {
        return this;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
        return this;
    }

    @Override
    public <T> @Nullable T getOption(SocketOption<T> name) {
        return null;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public @Nullable ServerSocket socket() {
        return null;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        for (Object each : coming) {
            if (each instanceof SocketChannel channel) {
                channel.close();
            }
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public String toString() {
        return "FakeListener";
    }

    /// Options of a loop that polls such sockets, in virtual time.
    static RunOptions options(RecordingLogger logger) {
        VirtualTime time = VirtualTime.create();
        LoopOptions loop = time.options().poller(() -> new FakePoller(time)).logger(logger);
        return new RunOptions(loop, Duration.ZERO, false);
    }

    /// Tells of fake listeners only; jumps instead of waiting.
    private static final class FakePoller implements Poller {
        private final VirtualTime time;
        private final List<Registered> registered = new ArrayList<>();

        FakePoller(VirtualTime time) {
            this.time = time;
        }

        @Override
        public void poll(long timeoutNanos) {
            boolean told = false;
            for (Registered each : List.copyOf(registered)) {
                boolean ready = each.channel instanceof FakeListener listener && listener.waiting() > 0;
                if (ready && (each.interest & SelectionKey.OP_ACCEPT) != 0) {
                    each.listener.ready(SelectionKey.OP_ACCEPT);
                    told = true;
                }
            }
            if (!told && timeoutNanos == Long.MAX_VALUE) {
                throw new IllegalStateException("deadlock: nothing is ready, and no timer is armed");
            }
            if (!told) {
                time.advance(Duration.ofNanos(timeoutNanos));
            }
        }

        @Override
        public void wakeup() {}

        @Override
        public Registration register(SelectableChannel channel, Listener listener) {
            Registered made = new Registered(channel, listener);
            registered.add(made);
            return made;
        }

        @Override
        public void close() {}

        private final class Registered implements Registration {
            private final SelectableChannel channel;
            private final Listener listener;
            private int interest;

            Registered(SelectableChannel channel, Listener listener) {
                this.channel = channel;
                this.listener = listener;
            }

            @Override
            public void interest(int operations) {
                interest = operations;
            }

            @Override
            public void cancel() {
                registered.remove(this);
            }
        }
    }
}
