package asyncio.testing;

import static asyncio.Asyncio.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.StreamClosedException;
import asyncio.testing.ByteStreamConformance.Check;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// What closing, aborting, and the loss of the peer promise.
///
/// Threads: loop-confined.
final class CloseChecks {
    void addTo(Map<String, Check> checks, ByteStreamConformance.Settings settings) {
        checks.put("close and abort may be called again", this::again);
        checks.put("close wakes who waits to receive", this::closeWakesReceiver);
        checks.put("close wakes who waits to send", this::closeWakesSender);
        checks.put("close and a receive in the same turn", this::closeInTheSameTurn);
        checks.put("close as bytes arrive", this::closeAsBytesArrive);
        checks.put("a closed stream fails whatever is asked", this::useAfterClose);
        checks.put("aclose closes", this::aclose);
        checks.put("aclose after close, and twice at once, ends", this::acloseAfterClose);
        checks.put("a send fails after the peer has closed", this::sendToClosed);
        checks.put("the loss of the peer wakes who waits to send", this::lossWakesSender);
        if (!settings.isOneWay()) {
            checks.put("after the end, a send fails; the end stays", this::endThenSend);
        }
        if (settings.knowsReset()) {
            checks.put("abort is a reset for the peer that receives", this::abort);
            checks.put("abort wakes the peer that waits to receive", this::abortWakesReceiver);
            if (!settings.isOneWay()) {
                checks.put("a reset that a send met is no end for a receive", this::abortMetBySend);
            }
        }
    }

    private void again(Ends ends) {
        assertFalse(ends.sender().isClosed());
        ends.sender().close();
        assertTrue(ends.sender().isClosed());
        ends.sender().close();
        ends.sender().abort();
        ends.receiver().abort();
        assertTrue(ends.receiver().isClosed());
        ends.receiver().abort();
        ends.receiver().close();
        assertTrue(ends.receiver().isClosed());
    }

    private void closeWakesReceiver(Ends ends) {
        Task<byte[]> receiving = Asyncio.createTask(() -> ends.receive(1, 1));
        ends.settle();
        ends.receiver().close();
        Ends.assertFails(StreamClosedException.class, receiving);
    }

    private void closeWakesSender(Ends ends) {
        Task<?> sending = ends.sending(ends.tooManyBytes());
        ends.settle();
        ends.sender().close();
        Ends.assertFails(StreamClosedException.class, sending);
    }

    private void closeInTheSameTurn(Ends ends) {
        Task<byte[]> receiving = Asyncio.createTask(() -> ends.receive(1, 1));
        Task<?> closing = Asyncio.createTask(() -> ends.receiver().close());
        Ends.assertFails(StreamClosedException.class, receiving);
        await(closing);
    }

    /// Either the bytes were received before, or the stream is closed.
    private void closeAsBytesArrive(Ends ends) {
        Task<byte[]> receiving = Asyncio.createTask(() -> ends.receive(1, 1));
        ends.settle();
        Task<?> sending = ends.sending(Ends.bytes(1));
        Task<?> closing = Asyncio.createTask(() -> ends.receiver().close());
        Ends.join(sending); // may have found the peer closed
        Throwable lost = sending.exception();
        assertTrue(lost == null || lost instanceof ConnectionResetException, () -> String.valueOf(lost));
        await(closing);
        Ends.join(receiving);
        Throwable failure = receiving.exception();
        if (failure == null) {
            assertArrayEquals(Ends.bytes(1), await(receiving));
        } else {
            assertTrue(failure instanceof StreamClosedException, failure::toString);
        }
        Ends.assertFails(StreamClosedException.class, () -> ends.receive(1, 1));
    }

    private void useAfterClose(Ends ends) {
        ends.sender().close();
        ends.receiver().close();
        Ends.assertFails(StreamClosedException.class, () -> ends.send(new byte[1]));
        if (ends.sender().canSendEof()) {
            Ends.assertFails(StreamClosedException.class, ends.sender().sendEof());
        }
        Ends.assertFails(StreamClosedException.class, () -> ends.receive(1, 1));
        Ends.assertFails(
                StreamClosedException.class, () -> ends.receiver().inputStream().read());
        Ends.assertFails(
                StreamClosedException.class, () -> ends.sender().outputStream().write(1));

        int[] told = {0};
        ends.receiver().onReadable(() -> told[0]++);
        ends.sender().onWritable(() -> told[0]++);
        ends.until(() -> told[0] == 2);
    }

    /// Both sides, because good form may need a word of the other one.
    private void aclose(Ends ends) {
        Task<?> answering = Asyncio.createTask(() -> {
            ends.assertEnd();
            await(ends.receiver().aclose());
        });
        await(ends.sender().aclose());
        assertTrue(ends.sender().isClosed());
        await(answering);
        assertTrue(ends.receiver().isClosed());
        await(ends.receiver().aclose());
    }

    private void acloseAfterClose(Ends ends) {
        ends.sender().close();
        await(ends.sender().aclose());
        await(Asyncio.gather(ends.sender().aclose(), ends.sender().aclose()));
        assertTrue(ends.sender().isClosed());
    }

    private void sendToClosed(Ends ends) {
        ends.receiver().close();
        ends.sendUntilItFails(ends.sender(), ConnectionResetException.class);
        ends.sendUntilItFails(ends.sender(), ConnectionResetException.class);
    }

    private void lossWakesSender(Ends ends) {
        Task<?> sending = ends.sending(ends.tooManyBytes());
        ends.settle();
        ends.receiver().close();
        Ends.assertFails(ConnectionResetException.class, sending);
    }

    private void endThenSend(Ends ends) {
        Task<?> sending = Asyncio.createTask(() -> {
            ends.send(Ends.bytes(9));
            ends.sender().close();
        });
        assertArrayEquals(Ends.bytes(9), ends.receive(9, 4));
        ends.assertEnd();
        await(sending);
        ends.sendUntilItFails(ends.receiver(), ConnectionResetException.class);
        ends.assertEnd();
    }

    private void abort(Ends ends) {
        ends.sender().abort();
        assertTrue(ends.sender().isClosed());
        Ends.assertFails(ConnectionResetException.class, () -> ends.receive(1, 1));
        Ends.assertFails(ConnectionResetException.class, () -> ends.receive(1, 1));
        if (!ends.settings().isOneWay()) {
            ends.sendUntilItFails(ends.receiver(), ConnectionResetException.class);
        }
    }

    private void abortWakesReceiver(Ends ends) {
        Task<byte[]> receiving = Asyncio.createTask(() -> ends.receive(1, 1));
        ends.settle();
        ends.sender().abort();
        Ends.assertFails(ConnectionResetException.class, receiving);
    }

    private void abortMetBySend(Ends ends) throws IOException {
        ByteStream peer = ends.receiver();
        ends.sender().abort();
        ends.settle();
        ends.sendUntilItFails(peer, ConnectionResetException.class);
        Ends.assertFails(ConnectionResetException.class, peer.receive(ByteBuffer.allocate(1)));
    }
}
