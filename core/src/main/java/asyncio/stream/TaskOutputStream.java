package asyncio.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/// A stream's sending side as an `OutputStream`: a peer that does not read suspends the task instead
/// of blocking its thread.
///
/// Threads: loop-confined, in tasks.
final class TaskOutputStream extends OutputStream {
    private final ByteStream stream;

    TaskOutputStream(ByteStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        Direction sending = stream.sending();
        sending.enter("write");
        try {
            stream.sendNow(ByteBuffer.wrap(source, offset, length));
        } finally {
            sending.leave();
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
