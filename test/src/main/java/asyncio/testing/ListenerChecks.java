package asyncio.testing;

import static asyncio.Asyncio.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import asyncio.stream.ByteStream;
import asyncio.testing.ByteStreamConformance.Check;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What listeners are told: the promises that transports and streams over streams are built on.
///
/// Threads: loop-confined.
final class ListenerChecks {
    void addTo(Map<String, Check> checks, ByteStreamConformance.Settings settings) {
        checks.put("a listener is told of bytes, once", this::told);
        checks.put("a listener is told of what is there already, not from within", this::toldOfWhatIsThere);
        checks.put("a listener is told when there is room, not from within", this::toldOfRoom);
        checks.put("a listener is told when there is room again", this::toldOfRoomAgain);
        checks.put("a listener is told of the end", this::toldOfEnd);
        checks.put("close tells both listeners, once", this::toldOfClose);
        checks.put("a listener takes the place of the one before", this::replaced);
        checks.put("bytes that are tried for in turns all arrive", this::tried);
    }

    private void told(Ends ends) throws IOException {
        int[] told = {0};
        ends.receiver().onReadable(() -> told[0]++);
        ends.send(Ends.bytes(1));
        ends.until(() -> told[0] > 0);
        ends.receive(1, 1);
        ends.send(Ends.bytes(1));
        ends.settle();
        assertEquals(1, told[0]);
        ends.receive(1, 1);
    }

    private void toldOfWhatIsThere(Ends ends) {
        int[] told = {0};
        boolean[] inside = {true};
        var sending = ends.sending(Ends.bytes(2));
        ends.receive(1, 1);
        ends.settle();
        ends.receiver().onReadable(() -> {
            assertFalse(inside[0]);
            told[0]++;
        });
        assertEquals(0, told[0]);
        inside[0] = false;
        ends.until(() -> told[0] > 0);
        ends.settle();
        assertEquals(1, told[0]);
        ends.receive(1, 1);
        await(sending);
    }

    private void toldOfRoom(Ends ends) {
        int[] told = {0};
        ends.sender().onWritable(() -> told[0]++);
        assertEquals(0, told[0]);
        ends.until(() -> told[0] > 0);
        ends.settle();
        assertEquals(1, told[0]);
    }

    private void toldOfRoomAgain(Ends ends) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(ends.tooManyBytes());
        int inVain = 0;
        while (inVain < 3) { // full, also after what is on its way
            if (ends.sender().trySend(source) == 0) {
                inVain++;
                ends.settle();
            }
        }
        int[] told = {0};
        ends.sender().onWritable(() -> told[0]++);
        int sent = source.position();
        assertTrue(sent <= ends.settings().capacityBytes(), () -> "held " + sent);
        ends.receive(sent, 65536);
        ends.until(() -> told[0] > 0);
        assertEquals(1, told[0]);
    }

    private void toldOfEnd(Ends ends) {
        int[] told = {0};
        ends.receiver().onReadable(() -> told[0]++);
        ends.sender().close();
        ends.until(() -> told[0] > 0);
        ends.assertEnd();
        ends.receiver().onReadable(() -> told[0]++);
        ends.until(() -> told[0] > 1);
        ends.settle();
        assertEquals(2, told[0]);
    }

    private void toldOfClose(Ends ends) {
        int[] told = {0, 0};
        ends.receiver().onReadable(() -> told[0]++);
        ends.receiver().close();
        ends.sender().onWritable(() -> told[1]++);
        ends.sender().close();
        ends.until(() -> told[0] > 0 && told[1] > 0);
        ends.settle();
        assertArrayEquals(new int[] {1, 1}, told);
    }

    private void replaced(Ends ends) {
        int[] told = {0, 0, 0};
        ByteStream receiver = ends.receiver();
        receiver.onReadable(() -> told[0]++);
        receiver.onReadable(null);
        ends.settle();
        receiver.onReadable(() -> told[1]++);
        receiver.onReadable(() -> told[2]++);
        ends.send(Ends.bytes(1));
        ends.until(() -> told[2] > 0);
        ends.settle();
        assertArrayEquals(new int[] {0, 0, 1}, told);
        receiver.onReadable(() -> told[0]++);
        receiver.onReadable(null);
        ends.settle();
        assertArrayEquals(new int[] {0, 0, 1}, told);
        ends.receive(1, 1);
    }

    /// As a transport does it: by listeners alone, with buffers of its own.
    private void tried(Ends ends) {
        byte[] message = Ends.bytes(500);
        ByteBuffer source = ByteBuffer.wrap(message);
        ByteBuffer target = ByteBuffer.allocate(500);
        @Nullable IOException[] failure = {null};
        new Object() {
            void send() {
                try {
                    while (source.hasRemaining() && ends.sender().trySend(source) > 0) {
                        // go on
                    }
                    if (source.hasRemaining()) {
                        ends.sender().onWritable(this::send);
                    }
                } catch (IOException e) {
                    failure[0] = e;
                }
            }

            void receive() {
                try {
                    ends.receiver().tryReceive(target.limit(Math.min(500, target.position() + 3)));
                    target.limit(500);
                    if (target.hasRemaining()) {
                        ends.receiver().onReadable(this::receive); // what is left is there already
                    }
                } catch (IOException e) {
                    failure[0] = e;
                }
            }

            void start() {
                receive();
                send();
            }
        }.start();
        ends.until(() -> !target.hasRemaining() || failure[0] != null);
        assertNull(failure[0]);
        assertArrayEquals(message, target.array());
    }
}
