package asyncio.testing;

import static asyncio.Asyncio.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.testing.ByteStreamConformance.Check;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/// What receiving promises.
///
/// Threads: loop-confined.
final class ReceiveChecks {
    void addTo(Map<String, Check> checks, ByteStreamConformance.Settings settings) {
        checks.put("bytes arrive complete and in order, whatever the buffers", this::order);
        checks.put("the end comes after all bytes, again and again", this::end);
        checks.put("direct and sliced buffers will do", this::buffers);
        checks.put("a buffer without room, or read-only, is refused", this::badBuffers);
        checks.put("one task receives at a time", this::oneReceiver);
        checks.put("the input stream reads what is sent, and closes the stream", this::view);
    }

    private void order(Ends ends) {
        for (int size = 1; size <= 24; size++) {
            byte[] message = Ends.bytes(size + 5 * size % 7);
            Task<?> sending = ends.sending(message);
            assertArrayEquals(message, ends.receive(message.length, size % 5 + 1));
            await(sending);
        }
    }

    private void end(Ends ends) {
        byte[] message = Ends.bytes(50);
        Task<?> sending = Asyncio.createTask(() -> {
            ends.send(message);
            ends.sender().close();
        });
        assertArrayEquals(message, Ends.receiveToEnd(ends.receiver(), 7));
        ends.assertEnd();
        await(sending);
    }

    private void buffers(Ends ends) {
        byte[] message = Ends.bytes(40);
        ByteBuffer direct = ByteBuffer.allocateDirect(100).position(30);
        direct.put(message).flip().position(30);
        ByteBuffer slice = ByteBuffer.wrap(message).slice(10, 20).asReadOnlyBuffer();
        Task<?> sending = Asyncio.createTask(() -> {
            await(ends.sender().send(direct));
            await(ends.sender().send(slice));
        });
        ByteBuffer target = ByteBuffer.allocateDirect(60);
        while (target.hasRemaining()) {
            await(ends.receiver().receive(target));
        }
        await(sending);
        byte[] received = new byte[60];
        target.flip().get(received);
        ByteBuffer expected = ByteBuffer.allocate(60).put(message).put(message, 10, 20);
        assertArrayEquals(expected.array(), received);
        assertFalse(direct.hasRemaining() || slice.hasRemaining());
    }

    private void badBuffers(Ends ends) {
        ByteBuffer full = ByteBuffer.allocate(0);
        ByteBuffer readOnly = ByteBuffer.allocate(10).asReadOnlyBuffer();
        Ends.assertFails(IllegalArgumentException.class, () -> ends.receiver().receive(full));
        Ends.assertFails(IllegalArgumentException.class, () -> ends.receiver().receive(readOnly));
    }

    private void oneReceiver(Ends ends) {
        Task<byte[]> receiving = Asyncio.createTask(() -> ends.receive(3, 3));
        ends.settle();

        Ends.assertFails(IllegalStateException.class, ends.receiver().receive(ByteBuffer.allocate(3)));
        Ends.assertFails(
                IllegalStateException.class, () -> ends.receiver().inputStream().read());

        ends.send(Ends.bytes(3));
        assertArrayEquals(Ends.bytes(3), await(receiving));
    }

    private void view(Ends ends) throws IOException {
        byte[] message = Ends.bytes(30);
        Task<?> sending = Asyncio.createTask(() -> {
            ends.send(message);
            ends.sender().close();
        });
        try (InputStream input = ends.receiver().inputStream()) {
            assertEquals(0, input.read(new byte[0]));
            assertEquals(message[0], (byte) input.read());
            assertArrayEquals(Arrays.copyOfRange(message, 1, 30), input.readAllBytes());
            assertEquals(-1, input.read());
            assertEquals(-1, input.read(new byte[3]));
        }
        assertTrue(ends.receiver().isClosed());
        await(sending);
    }
}
