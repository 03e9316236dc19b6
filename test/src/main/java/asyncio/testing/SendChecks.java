package asyncio.testing;

import static asyncio.Asyncio.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamClosedException;
import asyncio.testing.ByteStreamConformance.Check;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/// What sending promises, and both ways at once.
///
/// Threads: loop-confined.
final class SendChecks {
    private static final int MOST_IN_A_ROW = 64; // operations of one task in one iteration: then the others

    void addTo(Map<String, Check> checks, ByteStreamConformance.Settings settings) {
        checks.put("a sender waits while nobody receives, and then all arrives", this::backPressure);
        checks.put("sending nothing does nothing", this::nothing);
        checks.put("one task sends at a time", this::oneSender);
        checks.put("the output stream sends what is written, and closes the stream", this::view);
        checks.put("after the end was sent, nothing can be sent", this::afterEnd);
        checks.put("a stream that always goes on lets other tasks run", this::fairness);
        if (!settings.isOneWay()) {
            checks.put("an answer comes after the end was sent", this::halfClose);
            checks.put("who waits to receive can send", this::sendWhileReceiving);
            checks.put("who waits to send can receive", this::receiveWhileSending);
            checks.put("large transfers both ways at once", this::bothWays);
        }
    }

    private void backPressure(Ends ends) {
        byte[] message = ends.tooManyBytes();
        ByteBuffer source = ByteBuffer.wrap(message);
        Task<?> sending = Asyncio.createTask(() -> {
            await(ends.sender().send(source));
        });
        for (int i = 0; i < 5; i++) {
            ends.settle();
            assertTrue(source.position() <= ends.settings().capacityBytes(), () -> "held " + source.position());
        }
        assertFalse(sending.isDone());

        assertArrayEquals(message, ends.receive(message.length, 65536));
        await(sending);
        assertFalse(source.hasRemaining());
    }

    private void nothing(Ends ends) {
        await(ends.sender().send(ByteBuffer.allocate(0)));
        Task<?> sending = ends.sending(Ends.bytes(2));
        assertArrayEquals(Ends.bytes(2), ends.receive(2, 5));
        await(sending);
    }

    private void oneSender(Ends ends) {
        byte[] message = ends.tooManyBytes();
        Task<?> sending = ends.sending(message);
        ends.settle();

        Ends.assertFails(IllegalStateException.class, ends.sender().send(ByteBuffer.allocate(1)));
        Ends.assertFails(IllegalStateException.class, ends.sender().sendEof());
        Ends.assertFails(
                IllegalStateException.class, () -> ends.sender().outputStream().write(1));

        assertArrayEquals(message, ends.receive(message.length, 65536));
        await(sending);
    }

    private void view(Ends ends) throws IOException {
        byte[] message = Ends.bytes(30);
        Task<byte[]> receiving = Asyncio.createTask(() -> Ends.receiveToEnd(ends.receiver(), 9));
        try (OutputStream output = ends.sender().outputStream()) {
            output.write(new byte[0]);
            output.write(message[0]);
            output.write(message, 1, 29);
            output.flush();
        }
        assertTrue(ends.sender().isClosed());
        assertArrayEquals(message, await(receiving));
    }

    private void afterEnd(Ends ends) {
        ByteStream sender = ends.sender();
        if (!sender.canSendEof()) {
            Ends.assertFails(UnsupportedOperationException.class, sender.sendEof());
            return;
        }
        Task<byte[]> receiving = Asyncio.createTask(() -> Ends.receiveToEnd(ends.receiver(), 9));
        ends.send(Ends.bytes(3));
        await(sender.sendEof());
        await(sender.sendEof());
        try {
            ends.send(new byte[1]);
            throw new AssertionError("sent after the end");
        } catch (IllegalStateException e) {
            assertFalse(sender.isClosed());
        } catch (Exception e) { // where the end of a one-way stream closes it
            assertTrue(ends.settings().isOneWay() && e instanceof StreamClosedException, e::toString);
        }
        assertArrayEquals(Ends.bytes(3), await(receiving));
        ends.assertEnd();
    }

    private void fairness(Ends ends) {
        long iteration = -1;
        int operations = 0; // in that iteration
        for (int i = 0; i < 300; i++) {
            ends.send(Ends.bytes(1));
            ends.receive(1, 1);
            long current = ends.sender().loop().iterationCount();
            operations = current == iteration ? operations + 1 : 0;
            iteration = current;
            assertTrue(operations <= MOST_IN_A_ROW, "too many operations before others had a turn");
        }
    }

    private void halfClose(Ends ends) {
        if (!ends.sender().canSendEof()) {
            return;
        }
        Task<?> answering = Asyncio.createTask(() -> {
            byte[] question = Ends.receiveToEnd(ends.receiver(), 4);
            await(ends.receiver().send(ByteBuffer.wrap(question)));
            await(ends.receiver().sendEof());
        });
        ends.send(Ends.bytes(20));
        await(ends.sender().sendEof());
        assertArrayEquals(Ends.bytes(20), Ends.receiveToEnd(ends.sender(), 6));
        await(answering);
    }

    private void sendWhileReceiving(Ends ends) {
        Task<byte[]> waiting = Asyncio.createTask(() -> Ends.receiveToEnd(ends.sender(), 10));
        ends.settle();
        Task<?> sending = ends.sending(Ends.bytes(20));
        assertArrayEquals(Ends.bytes(20), ends.receive(20, 8));
        await(sending);
        assertFalse(waiting.isDone());

        await(ends.receiver().send(ByteBuffer.wrap(Ends.bytes(5))));
        ends.receiver().close();
        assertArrayEquals(Ends.bytes(5), await(waiting));
    }

    private void receiveWhileSending(Ends ends) {
        byte[] message = ends.tooManyBytes();
        Task<?> waiting = ends.sending(message);
        ends.settle();
        Task<?> back = Asyncio.createTask(() -> {
            await(ends.receiver().send(ByteBuffer.wrap(Ends.bytes(30))));
        });
        for (int received = 0; received < 30; ) {
            byte[] some = Ends.receiveSome(ends.sender(), 7);
            received += some == null ? 100 : some.length;
        }
        await(back);
        assertFalse(waiting.isDone());

        assertArrayEquals(message, ends.receive(message.length, 65536));
        await(waiting);
    }

    private void bothWays(Ends ends) {
        byte[] there = Ends.bytes(ends.settings().transferBytes());
        byte[] back = Ends.bytes(ends.settings().transferBytes() + 13);
        Task<byte[]> first = exchange(ends.sender(), there, back.length);
        Task<byte[]> second = exchange(ends.receiver(), back, there.length);
        assertArrayEquals(back, await(first));
        assertArrayEquals(there, await(second));
    }

    /// Sends and receives at once.
    private static Task<byte[]> exchange(ByteStream stream, byte[] sent, int expected) {
        return Asyncio.createTask(() -> {
            Task<?> sending = Asyncio.createTask(() -> {
                await(stream.send(ByteBuffer.wrap(sent)));
            });
            byte[] received = new byte[expected];
            int count = stream.inputStream().readNBytes(received, 0, expected);
            assertEquals(expected, count);
            await(sending);
            return received;
        });
    }
}
