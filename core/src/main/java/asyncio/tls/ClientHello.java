package asyncio.tls;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The first message of a client, read for the name of the host that it wants (SNI), before there is
/// an engine for it.
///
/// What is not a ClientHello has no name here; the engine says then what is wrong with it.
///
/// Threads: loop-confined.
final class ClientHello {
    /*
     * record: type(1) version(2) length(2) fragment...; the fragments together are the message:
     * type(1) length(3) version(2) random(32) session<1> ciphers<2> compressions<1> extensions<2>
     * extension: type(2) data<2>; that of type 0: names<2>, each type(1) name<2>; type 0 is a host name
     *
     * <n> is a vector whose length takes n bytes.
     */
    private static final int MAX_BYTES = 20_000; // hellos have some hundred bytes, with post-quantum keys two thousand
    private static final int HANDSHAKE_RECORD = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER_BYTES = 5;
    private static final int MESSAGE_HEADER_BYTES = 4;

    private ByteBuffer received = ByteBuffer.allocate(2048); // ready to be written to
    private @Nullable String serverName;
    private boolean complete;

    /// Where the next bytes go.
    ByteBuffer room() {
        if (!received.hasRemaining()) {
            received = ByteBuffer.allocate(Math.min(2 * received.capacity(), MAX_BYTES))
                    .put(received.flip());
        }
        return received;
    }

    /// Whether there is enough, or more will not help.
    boolean isComplete() {
        if (!complete) {
            ByteBuffer message = message();
            complete = message != null || received.position() >= MAX_BYTES;
            if (message != null) {
                serverName = nameIn(message);
            }
        }
        return complete;
    }

    @Nullable
    String serverName() {
        return serverName;
    }

    /// Everything that was received.
    ByteBuffer received() {
        return received.duplicate().flip();
    }

    /// The message without its records; null if more has to come, empty if this is none.
    private @Nullable ByteBuffer message() {
        ByteBuffer records = received.duplicate().flip();
        ByteBuffer message = ByteBuffer.allocate(records.remaining());
        while (records.hasRemaining()) {
            if (records.get(records.position()) != HANDSHAKE_RECORD) {
                return ByteBuffer.allocate(0);
            }
            if (records.remaining() < RECORD_HEADER_BYTES) {
                return null;
            }
            int length = Short.toUnsignedInt(records.getShort(records.position() + 3));
            records.position(records.position() + RECORD_HEADER_BYTES);
            int available = Math.min(length, records.remaining());
            message.put(records.slice(records.position(), available));
            records.position(records.position() + available);
            if (isWhole(message)) {
                return message.flip();
            }
            if (length == 0) {
                return ByteBuffer.allocate(0); // not allowed, and it could go on for ever
            }
        }
        return null;
    }

    private static boolean isWhole(ByteBuffer message) {
        if (message.position() < MESSAGE_HEADER_BYTES) {
            return false;
        }
        return message.get(0) != CLIENT_HELLO
                || message.position() >= MESSAGE_HEADER_BYTES + (message.getInt(0) & 0xffffff);
    }

    private static @Nullable String nameIn(ByteBuffer message) {
        try {
            if (!message.hasRemaining() || message.get(0) != CLIENT_HELLO) {
                return null;
            }
            message.position(MESSAGE_HEADER_BYTES + 2 + 32);
            skip(message, Byte.toUnsignedInt(message.get()));
            skip(message, Short.toUnsignedInt(message.getShort()));
            skip(message, Byte.toUnsignedInt(message.get()));
            message.getShort();
            while (message.hasRemaining()) {
                int type = message.getShort();
                int length = Short.toUnsignedInt(message.getShort());
                if (type == 0) {
                    return hostName(message);
                }
                skip(message, length);
            }
            return null;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null; // malformed: the engine refuses it
        }
    }

    private static @Nullable String hostName(ByteBuffer extension) {
        extension.getShort();
        if (extension.get() != 0) {
            return null;
        }
        byte[] name = new byte[Math.min(Short.toUnsignedInt(extension.getShort()), extension.remaining())];
        extension.get(name);
        return new String(name, StandardCharsets.US_ASCII);
    }

    private static void skip(ByteBuffer message, int count) {
        message.position(message.position() + count);
    }
}
