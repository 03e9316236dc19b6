package asyncio.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/// A stream's receiving side as an `InputStream`: reading suspends the task instead of blocking its
/// thread.
///
/// Threads: loop-confined, in tasks.
final class TaskInputStream extends InputStream {
    private final ByteStream stream;

    TaskInputStream(ByteStream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        Direction receiving = stream.receiving();
        receiving.enter("read");
        try {
            return stream.receiveNow(ByteBuffer.wrap(target, offset, length));
        } finally {
            receiving.leave();
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
