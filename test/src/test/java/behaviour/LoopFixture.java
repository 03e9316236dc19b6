package behaviour;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.VoidBody;
import asyncio.spi.Poller;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the tests of the loop share: virtual time, a recording logger, and notes on what ran in
/// which order.
abstract class LoopFixture {
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    final VirtualTime time = VirtualTime.create();
    final RecordingLogger logger = new RecordingLogger();
    final List<String> notes = Collections.synchronizedList(new ArrayList<>());

    final void note(String text) {
        notes.add(text);
    }

    /// A coroutine that only takes a note.
    final Coroutine<@Nullable Void> noting(String text) {
        return Asyncio.async(() -> note(text));
    }

    /// Options of a loop in virtual time whose findings are recorded.
    final LoopOptions options() {
        return time.options().logger(logger);
    }

    /// The same in real time, for channels and threads.
    final LoopOptions realOptions() {
        return LoopOptions.defaults().logger(logger);
    }

    final EventLoop newLoop() {
        return EventLoop.create(options());
    }

    final <T extends @Nullable Object> T runMain(Body<T> main) {
        return Asyncio.run(Asyncio.async(main), RunOptions.defaults().loop(options()));
    }

    final void runMain(VoidBody main) {
        Asyncio.run(Asyncio.async(main), RunOptions.defaults().loop(options()));
    }

    final void runReal(VoidBody main) {
        Asyncio.run(Asyncio.async(main), RunOptions.defaults().loop(realOptions()));
    }

    /// What was logged, without the one line on the engine that a JVM's first loop may log.
    final List<RecordingLogger.Entry> findings() {
        return logger.entries().stream()
                .filter(entry -> entry.level() != System.Logger.Level.INFO)
                .toList();
    }

    /// Gives everybody else one turn.
    static void turn() {
        Asyncio.await(Asyncio.sleep(Duration.ZERO));
    }

    static void turns(int count) {
        for (int i = 0; i < count; i++) {
            turn();
        }
    }

    /// Runs everything that is ready now, and nothing else.
    static void runOnce(EventLoop loop) {
        loop.stop();
        loop.runForever();
    }

    /// A null where the type system forbids one, as Java code without null checks may pass it.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // it fits wherever it is passed
    static <T> T nothing() {
        return null;
    }

    /// Jumps over each wait, and remembers how long it was.
    final class RecordingPoller implements Poller {
        final List<Duration> waits = new ArrayList<>();
        boolean closed;

        @Override
        public void poll(long timeoutNanos) {
            waits.add(Duration.ofNanos(timeoutNanos));
            note("poll");
            if (timeoutNanos == Long.MAX_VALUE) {
                throw new IllegalStateException("the loop would wait for ever");
            }
            time.advance(Duration.ofNanos(timeoutNanos));
        }

        @Override
        public void wakeup() {
            throw new IllegalStateException("one thread only");
        }

        @Override
        public Registration register(SelectableChannel channel, Listener listener) {
            throw new UnsupportedOperationException("no channels");
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
