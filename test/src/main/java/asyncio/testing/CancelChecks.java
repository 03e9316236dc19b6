package asyncio.testing;

import static asyncio.Asyncio.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.testing.ByteStreamConformance.PairScope;
import asyncio.testing.CancelSweep.Scenario;
import asyncio.testing.CancelSweep.Victim;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/// What is kept if an operation is cancelled, at whichever moment.
///
/// Threads: loop-confined.
final class CancelChecks {
    private static final int FEW_BYTES = 30;
    private static final int MANY_BYTES = 1 << 17; // that no stream holds which the system was asked to keep small

    private final PairScope pairs;

    CancelChecks(PairScope pairs) {
        this.pairs = pairs;
    }

    void addTo(Map<String, Scenario> scenarios, ByteStreamConformance.Settings settings) {
        scenarios.put("a cancelled receive loses nothing", victim -> pairs.withPair(ends -> receive(victim, ends)));
        scenarios.put("a cancelled send says how much was sent", victim -> pairs.withPair(ends -> send(victim, ends)));
        scenarios.put("a cancelled sendEof has not sent the end", victim -> pairs.withPair(ends -> end(victim, ends)));
        scenarios.put("a cancelled aclose closes", victim -> pairs.withPair(ends -> close(victim, ends)));
        if (!settings.isOneWay()) {
            scenarios.put(
                    "a cancelled receive leaves sending alone",
                    victim -> pairs.withPair(ends -> receiveWhileSending(victim, ends)));
        }
    }

    private static void receive(Victim victim, Ends ends) {
        byte[] message = Ends.bytes(FEW_BYTES);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        Task<?> sending = Asyncio.createTask(() -> {
            for (int from = 0; from < FEW_BYTES; from += 6) {
                await(ends.sender().send(ByteBuffer.wrap(message, from, 6)));
            }
            ends.sender().close();
        });
        Task<?> receiving = victim.is(Asyncio.createTask(() -> receiveInto(received, ends.receiver())));
        Ends.join(receiving);
        received.writeBytes(Ends.receiveToEnd(ends.receiver(), 5));
        await(sending);
        assertArrayEquals(message, received.toByteArray());
        assertEquals(victim.wasCancelled(), receiving.isCancelled());
    }

    private static void receiveInto(ByteArrayOutputStream received, ByteStream receiver) {
        ByteBuffer buffer = ByteBuffer.allocate(4);
        int count;
        do {
            buffer.clear();
            try {
                count = await(receiver.receive(buffer));
            } catch (CancelledError e) {
                assertEquals(0, buffer.position(), "received although cancelled");
                throw e;
            }
            received.write(buffer.array(), 0, buffer.position());
        } while (count >= 0);
    }

    private static void send(Victim victim, Ends ends) {
        byte[] message = Ends.bytes(Math.min(ends.settings().capacityBytes(), MANY_BYTES) + FEW_BYTES);
        ByteBuffer source = ByteBuffer.wrap(message);
        Task<byte[]> receiving =
                Asyncio.createTask(() -> Ends.receiveToEnd(ends.receiver(), Math.max(5, message.length / 5)));
        Task<?> sending = victim.is(Asyncio.createTask(() -> {
            await(ends.sender().send(source));
        }));
        Ends.join(sending);
        assertEquals(victim.wasCancelled(), sending.isCancelled());
        await(ends.sender().send(source)); // the rest
        ends.sender().close();
        assertArrayEquals(message, await(receiving));
    }

    private static void end(Victim victim, Ends ends) {
        ByteStream sender = ends.sender();
        byte[] message = Ends.bytes(FEW_BYTES);
        Task<byte[]> receiving = Asyncio.createTask(() -> Ends.receiveToEnd(ends.receiver(), 7));
        await(sender.send(ByteBuffer.wrap(message, 0, 20)));
        Task<?> ending = victim.is(Asyncio.createTask(() -> {
            if (sender.canSendEof()) {
                await(sender.sendEof());
            }
        }));
        Ends.join(ending);
        if (ending.isCancelled()) {
            await(sender.send(ByteBuffer.wrap(message, 20, 10)));
        }
        sender.close();
        assertArrayEquals(ending.isCancelled() ? message : Ends.bytes(20), await(receiving));
    }

    private static void close(Victim victim, Ends ends) {
        boolean[] began = {false};
        Task<?> receiving = Asyncio.createTask(() -> {
            Ends.receiveToEnd(ends.receiver(), 7);
            ends.receiver().close();
        });
        Task<?> closing = victim.is(Asyncio.createTask(() -> {
            began[0] = true;
            await(ends.sender().aclose());
        }));
        Ends.join(closing);
        assertTrue(ends.sender().isClosed() || !began[0], "not closed");
        ends.sender().close();
        Ends.join(receiving);
    }

    private static void receiveWhileSending(Victim victim, Ends ends) {
        byte[] message = Ends.bytes(FEW_BYTES);
        Task<?> sending = ends.sending(message);
        Task<?> receiving = victim.is(Asyncio.createTask(() -> Ends.receiveToEnd(ends.sender(), 3)));
        byte[] received = ends.receive(FEW_BYTES, 4);
        ends.receiver().close();
        Ends.join(receiving);
        await(sending);
        assertArrayEquals(message, received);
        assertEquals(victim.wasCancelled(), receiving.isCancelled());
    }
}
