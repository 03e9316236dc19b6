package network;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A datagram channel that takes as many datagrams as the test allows: loopback takes all of them.
final class SluggishChannel extends DatagramChannel {
    final List<String> sent = new ArrayList<>();
    int room; // datagrams that are taken

    @Nullable
    IOException failure; // of the next attempt to send

    SluggishChannel() throws IOException {
        super(SelectorProvider.provider());
        configureBlocking(false);
    }

    private int take(ByteBuffer source) throws IOException {
        IOException thrown = failure;
        if (thrown != null) {
            failure = null;
            throw thrown;
        }
        if (room == 0) {
            return 0;
        }
        room--;
        int count = source.remaining();
        sent.add(StandardCharsets.UTF_8.decode(source).toString());
        return count;
    }

    @Override
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        return take(source);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return take(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer target) {
        return null;
    }

    @Override
    public int read(ByteBuffer target) {
        return 0;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        return 0;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public @Nullable SocketAddress getRemoteAddress() {
        return null;
    }

    @Override
    public boolean isConnected() {
        return false;
    }

    @Override
    public DatagramChannel bind(@Nullable SocketAddress local) {
        return this;
    }

    @Override
    public DatagramChannel connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DatagramChannel disconnect() {
        return this;
    }

    @Override
    public DatagramSocket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> DatagramChannel setOption(SocketOption<T> name, T value) {
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public MembershipKey join(InetAddress group, NetworkInterface network) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MembershipKey join(InetAddress group, NetworkInterface network, InetAddress source) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}
}
