package asyncio.net;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the `sock...` functions of [Net] do (IO-2).
///
/// Threads: loop-confined.
final class SocketFunctions {
    private static final int SENDFILE_BYTES = 262_144; // at a time: reading the file holds the loop

    private SocketFunctions() {}

    static <C extends SelectableChannel & ReadableByteChannel> Coroutine<byte[]> recv(C channel, int maxBytes) {
        requirePositive(maxBytes, "maxBytes");
        return SocketCalls.call(channel, true, "sockRecv", () -> {
            ByteBuffer scratch = Scratch.of(Asyncio.getRunningLoop(), maxBytes);
            return read(channel, scratch) == null ? null : Scratch.taken(scratch);
        });
    }

    static <C extends SelectableChannel & ReadableByteChannel> Coroutine<Integer> recvInto(
            C channel, ByteBuffer target) {
        requireRoom(target);
        return SocketCalls.call(channel, true, "sockRecvInto", () -> read(channel, target));
    }

    /// Gives null if there is nothing now.
    private static @Nullable Integer read(ReadableByteChannel channel, ByteBuffer target) throws IOException {
        if (channel instanceof DatagramChannel datagrams && datagrams.isConnected()) { // an empty one is something
            int before = target.position();
            return datagrams.receive(target) == null ? null : target.position() - before;
        }
        int count = channel.read(target);
        return count == 0 ? null : count;
    }

    static Coroutine<Datagram> recvFrom(DatagramChannel channel, int maxBytes) {
        requirePositive(maxBytes, "maxBytes");
        return SocketCalls.call(channel, true, "sockRecvFrom", () -> {
            ByteBuffer scratch = Scratch.of(Asyncio.getRunningLoop(), maxBytes);
            SocketAddress sender = channel.receive(scratch);
            return sender == null
                    ? null
                    : new Datagram(ByteBuffer.wrap(Scratch.taken(scratch)), (InetSocketAddress) sender);
        });
    }

    static Coroutine<InetSocketAddress> recvFromInto(DatagramChannel channel, ByteBuffer target) {
        requireRoom(target);
        return SocketCalls.call(channel, true, "sockRecvFromInto", () -> (InetSocketAddress) channel.receive(target));
    }

    static <C extends SelectableChannel & WritableByteChannel> Coroutine<@Nullable Void> sendAll(
            C channel, ByteBuffer source) {
        Objects.requireNonNull(source, "source must not be null");
        SocketCalls.requireNonBlocking(channel);
        return Asyncio.async(() -> {
            SocketCalls.now(channel, false, "sockSendAll", () -> {
                while (source.hasRemaining()) {
                    if (channel.write(source) == 0) {
                        return null;
                    }
                }
                return source;
            });
        });
    }

    static Coroutine<Integer> sendTo(DatagramChannel channel, ByteBuffer source, InetSocketAddress address) {
        Objects.requireNonNull(source, "source must not be null");
        if (Objects.requireNonNull(address, "address must not be null").isUnresolved()) {
            throw new IllegalArgumentException("address must be resolved: got " + address);
        }
        return SocketCalls.call(channel, false, "sockSendTo", () -> {
            boolean empty = !source.hasRemaining();
            int count = channel.send(source, address);
            return count > 0 || empty ? count : null;
        });
    }

    static Coroutine<@Nullable Void> connect(SocketChannel channel, SocketAddress address) {
        SocketCalls.requireNonBlocking(channel);
        Objects.requireNonNull(address, "address must not be null");
        return Asyncio.async(() -> {
            SocketAddress resolved = resolve(channel, address);
            SocketCalls.now(channel, false, "sockConnect", () -> {
                boolean connected = channel.isConnectionPending() ? channel.finishConnect() : channel.connect(resolved);
                return connected ? channel : null;
            });
        });
    }

    private static SocketAddress resolve(SocketChannel channel, SocketAddress address) throws IOException {
        if (!(address instanceof InetSocketAddress inet) || !inet.isUnresolved()) {
            return address;
        }
        InetAddress local = channel.getLocalAddress() instanceof InetSocketAddress bound ? bound.getAddress() : null;
        return HostName.addressesOf(Asyncio.getRunningLoop(), inet).stream()
                .filter(found -> local == null
                        || local.isAnyLocalAddress()
                        || local.getClass() == found.getAddress().getClass())
                .findFirst()
                .orElseThrow(() -> new java.net.UnknownHostException(
                        inet.getHostString() + " has no address of the family of " + local));
    }

    static Coroutine<SocketChannel> accept(ServerSocketChannel channel) {
        return SocketCalls.call(channel, true, "sockAccept", () -> {
            SocketChannel accepted = channel.accept();
            if (accepted != null) {
                accepted.configureBlocking(false);
            }
            return accepted;
        });
    }

    static Coroutine<Long> sendfile(SocketChannel channel, FileChannel file, long offset, long count) {
        Objects.requireNonNull(file, "file must not be null");
        if (offset < 0) {
            throw new IllegalArgumentException("offset must be a non-negative integer: got " + offset);
        }
        if (count <= 0) {
            throw new IllegalArgumentException("count must be a positive integer: got " + count);
        }
        SocketCalls.requireNonBlocking(channel);
        return Asyncio.async(() -> {
            long end = Math.min(file.size(), offset + count < 0 ? Long.MAX_VALUE : offset + count);
            long[] position = {offset};
            try {
                while (position[0] < end) {
                    long sent = SocketCalls.now(
                            channel, false, "sockSendfile", () -> transfer(channel, file, position[0], end));
                    position[0] += sent;
                    if (sent == 0) { // the file has become shorter
                        break;
                    }
                    Asyncio.await(Asyncio.sleep(Duration.ZERO));
                }
            } finally {
                file.position(position[0]);
            }
            return position[0] - offset;
        });
    }

    private static @Nullable Long transfer(SocketChannel channel, FileChannel file, long position, long end)
            throws IOException {
        long sent = file.transferTo(position, Math.min(end - position, SENDFILE_BYTES), channel);
        return sent > 0 || position >= file.size() ? sent : null;
    }

    private static void requirePositive(int value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive: got " + value);
        }
    }

    private static void requireRoom(ByteBuffer target) {
        if (!target.hasRemaining() || target.isReadOnly()) {
            throw new IllegalArgumentException("target must be writable and have room: got " + target + "; clear() it");
        }
    }
}
