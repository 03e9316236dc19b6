package asyncio.testing;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.stream.ByteStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/// Two connected streams in a conformance test, and what such tests do with them.
///
/// Threads: loop-confined.
///
/// @param sender the one that sends
/// @param receiver the one that receives
/// @param settings what is known about them
record Ends(ByteStream sender, ByteStream receiver, ByteStreamConformance.Settings settings) {
    private static final Duration MOMENT = Duration.ofMillis(1);

    /// Bytes that tell where they belong.
    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) + 1);
        }
        return bytes;
    }

    /// More than the pair holds while nobody receives.
    byte[] tooManyBytes() {
        return bytes(2 * settings.capacityBytes() + 1);
    }

    void send(byte[] bytes) {
        await(sender.send(ByteBuffer.wrap(bytes)));
    }

    Task<?> sending(byte[] bytes) {
        return Asyncio.createTask(() -> send(bytes));
    }

    /// Receives so many bytes, with a buffer of a given size.
    byte[] receive(int count, int bufferSize) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < count) {
            byte[] some = receiveSome(receiver, Math.min(bufferSize, count - all.size()));
            Assertions.assertNotNull(some, "end of the stream after " + all.size() + " bytes of " + count);
            all.writeBytes(some);
        }
        return all.toByteArray();
    }

    static byte[] receiveToEnd(ByteStream stream, int bufferSize) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some;
        while ((some = receiveSome(stream, bufferSize)) != null) {
            all.writeBytes(some);
        }
        return all.toByteArray();
    }

    /// What one receive gives; null at the end.
    static byte @Nullable [] receiveSome(ByteStream stream, int bufferSize) {
        ByteBuffer buffer = ByteBuffer.allocate(bufferSize + 2).position(1).limit(bufferSize + 1);
        int count = await(stream.receive(buffer));
        Assertions.assertEquals(bufferSize + 1, buffer.limit(), "limit of the buffer");
        Assertions.assertEquals(1 + Math.max(count, 0), buffer.position(), "position of the buffer");
        if (count < 0) {
            Assertions.assertEquals(-1, count);
            return null;
        }
        Assertions.assertTrue(count > 0, "received nothing");
        byte[] some = new byte[count];
        buffer.get(1, some);
        return some;
    }

    void assertEnd() {
        for (int i = 0; i < 3; i++) {
            Assertions.assertNull(receiveSome(receiver, 10), "end of the stream, again and again");
        }
    }

    /// Lets happen what is about to happen: also what is on its way.
    void settle() {
        for (int i = 0; i < 3; i++) {
            pause();
        }
    }

    /// Waits for something that must happen.
    void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            pause();
        }
    }

    private void pause() {
        await(Asyncio.sleep(settings.isVirtual() ? Duration.ofMinutes(1) : MOMENT));
    }

    /// Waits for a task, whatever becomes of it.
    static void join(Task<?> task) {
        await(Asyncio.waitUntil(List.of(asObjects(task)), ReturnWhen.ALL_COMPLETED));
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static Future<Object> asObjects(Task<?> task) {
        return (Future<Object>) task;
    }

    /// Sends on a stream whose peer is gone, until it fails.
    void sendUntilItFails(ByteStream stream, Class<? extends IOException> failure) {
        assertFails(failure, () -> {
            while (true) {
                await(stream.send(ByteBuffer.wrap(new byte[1])));
                pause();
            }
        });
    }

    static <E extends Throwable> E assertFails(Class<E> failure, Executable code) {
        return Assertions.assertThrows(failure, code);
    }

    static <E extends Throwable> E assertFails(Class<E> failure, Task<?> task) {
        return assertFails(failure, () -> await(task));
    }

    static <E extends Throwable> E assertFails(Class<E> failure, Coroutine<?> coroutine) {
        return assertFails(failure, () -> await(coroutine));
    }
}
