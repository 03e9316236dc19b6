import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.toThread;
import static asyncio.net.Net.serve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.AsyncGenerator;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.TaskOptions;
import asyncio.sync.Lock;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Every check of the library, provoked; what it says is what docs/diagnostics.md shows, apart from
/// the digits.
class DiagnosticsTest {
    private static final Path PAGE = Markdown.ROOT.resolve("docs/diagnostics.md");
    private static final Duration HOUR = Duration.ofHours(1);

    private final RecordingLogger log = new RecordingLogger();

    private LoopOptions options() {
        return VirtualTime.create().options().logger(log).debug(true).name("Loop-1");
    }

    private void runHere(Coroutine<?> coroutine) {
        try (EventLoop loop = EventLoop.create(options())) {
            loop.setSlowCallbackDuration(HOUR);
            loop.runUntilComplete(coroutine);
        }
    }

    // region AS101
    Coroutine<Void> save() {
        return async(() -> IO.println("saved"));
    }

    Coroutine<Void> forgetsTheAwait() {
        return async(() -> {
            save(); // nothing is saved
        });
    }

    // endregion

    @Test
    void as101_coroutineNotUsed_isReportedAsDocumented() throws Exception {
        runHere(forgetsTheAwait());

        assertDocumented(log.messagesWith("AS101"));
    }

    // region AS102
    Coroutine<Void> findShop() {
        return async(() -> {
            throw new IllegalArgumentException("no such shop");
        });
    }

    Coroutine<Void> leavesAFailure() {
        return async(() -> {
            createTask(findShop(), "find shop"); // nobody awaits the task
            await(sleep(Duration.ofSeconds(1)));
        });
    }

    // endregion

    @Test
    void as102_failureNotLookedAt_isReportedAsDocumented() throws Exception {
        runHere(leavesAFailure());

        assertDocumented(log.messagesWith("AS102"));
    }

    // region AS104
    void closesTooEarly(LoopOptions options) {
        try (EventLoop loop = EventLoop.create(options)) {
            loop.createTask(sleep(Duration.ofSeconds(1)));
        }
    }

    // endregion

    @Test
    void as104_loopClosedWithATask_isReportedAsDocumented() throws Exception {
        closesTooEarly(options());

        assertDocumented(log.messagesWith("AS104"));
    }

    // region AS105
    AsyncGenerator<Integer> impatient() {
        return generator(out -> {
            await(timeout(Duration.ofSeconds(1), () -> out.emit(1)));
        });
    }

    // endregion

    @Test
    void as105_emitInsideATimeout_isRefusedAsDocumented() throws Exception {
        Throwable refusal = catchThrowable(() -> runHere(async(() -> await(impatient().anext()))));

        assertThat(refusal).isInstanceOf(IllegalStateException.class);
        assertDocumented(List.of(refusal.getMessage()));
    }

    // region AS109
    Coroutine<Void> transfer(Lock from, Lock to) {
        return async(() -> {
            await(from.acquire());
            try {
                await(sleep(Duration.ZERO)); // the other one takes its first lock
                await(to.acquire());
                to.release();
            } finally {
                from.release();
            }
        });
    }

    Coroutine<Void> transfersBothWays() {
        return async(() -> {
            Lock one = new Lock();
            Lock two = new Lock();
            createTask(transfer(one, two), "there");
            await(createTask(transfer(two, one), "back"));
        });
    }

    // endregion

    @Test
    void as109_circleOfTasks_isRefusedAsDocumented() throws Exception {
        Throwable refused = catchThrowable(() -> runHere(transfersBothWays()));

        assertDocumented(List.of(refused.toString()));
    }

    // region AS112
    Coroutine<Void> forgetsTheRelease(Lock lock) {
        return async(() -> {
            await(lock.acquire());
        });
    }

    // endregion

    @Test
    void as112_taskEndsWithALock_isReportedAsDocumented() throws Exception {
        runHere(
                async(() -> {
                    await(createTask(forgetsTheRelease(new Lock()), "save"));
                }));

        assertDocumented(log.messagesWith("AS112"));
    }

    // region AS201
    Coroutine<Void> schedulesFromAThread() {
        return async(() -> {
            EventLoop loop = getRunningLoop();
            await(
                    toThread(() -> {
                        loop.callSoon(() -> IO.println("never"));
                    }));
        });
    }

    // endregion

    @Test
    void as201_otherThread_isRefusedAsDocumented() throws Exception {
        Throwable refused = catchThrowable(() -> runHere(schedulesFromAThread()));

        assertDocumented(List.of(refused.toString()));
    }

    // region AS202
    void mixesLoops(LoopOptions options) {
        try (EventLoop one = EventLoop.create(options.name("one"));
                EventLoop two = EventLoop.create(options.name("two"))) {
            Future<String> future = one.createFuture();
            two.runUntilComplete(async(() -> await(future)));
        }
    }

    // endregion

    @Test
    void as202_futureOfAnotherLoop_isRefusedAsDocumented() throws Exception {
        Throwable refused = catchThrowable(() -> mixesLoops(options()));

        assertDocumented(List.of(refused.toString()));
    }

    // region AS204
    Coroutine<Void> runsInsideARun() {
        return async(() -> {
            run(sleep(Duration.ofSeconds(1)));
        });
    }

    // endregion

    @Test
    void as204_runInsideALoop_isRefusedAsDocumented() throws Exception {
        Throwable refused = catchThrowable(() -> runHere(runsInsideARun()));

        assertDocumented(List.of(refused.toString()));
    }

    // region AS205
    static final class Settings {
        static final String TEXT = await(sleep(Duration.ofSeconds(1), "loaded"));

        private Settings() {}
    }

    Coroutine<Void> awaitsInAnInitialiser() {
        return async(() -> IO.println(Settings.TEXT));
    }

    // endregion

    @Test
    void as205_awaitInAClassInitialiser_isRefusedAsDocumented() throws Exception {
        Throwable failed = catchThrowable(() -> runHere(awaitsInAnInitialiser()));

        assertThat(failed).isInstanceOf(ExceptionInInitializerError.class);
        assertDocumented(List.of(failed.getCause().toString()));
    }

    // region AS301
    Coroutine<Void> blocks(CountDownLatch latch) {
        return async(() -> latch.await());
    }

    // endregion

    @Test
    void as301_stepThatHasEnded_isReportedAsDocumented() throws Exception {
        AtomicLong clock = new AtomicLong(1);
        try (EventLoop loop = EventLoop.create(options().stepClock(clock::get))) {
            loop.setSlowCallbackDuration(HOUR);
            loop.runUntilComplete(
                    loop.createTask(
                            async(() -> {
                                clock.addAndGet(HOUR.toNanos() * 2);
                            }),
                            TaskOptions.named("slow")));
        }

        assertDocumented(log.messagesWith("Executing"));
    }

    @Test
    void as301_as305_stepThatDoesNotEnd_isReportedAsDocumented() throws Exception {
        AtomicLong clock = new AtomicLong(1);
        CompletableFuture<Thread> begun = new CompletableFuture<>();
        CountDownLatch reported = new CountDownLatch(1);
        LoopOptions options = options().stepClock(clock::get).logger(new Signalling(log, reported));
        Thread hand = Thread.ofPlatform().start(() -> turn(clock, begun, reported));
        try (EventLoop loop = EventLoop.create(options)) {
            loop.setSlowCallbackDuration(Duration.ofMillis(100));
            loop.runUntilComplete(
                    loop.createTask(program(begun, reported), TaskOptions.named("main")));
        }
        hand.join();

        assertDocumented(log.messagesWith("AS301"));
        assertDocumented(log.messagesWith("AS305"));
    }

    private Coroutine<Void> program(CompletableFuture<Thread> begun, CountDownLatch reported) {
        return async(() -> {
            begun.complete(Thread.currentThread());
            await(blocks(reported));
        });
    }

    /// Turns the hand of a clock from the moment when a thread blocks until an event.
    private static void turn(
            AtomicLong clock, CompletableFuture<Thread> begin, CountDownLatch end) {
        Thread thread = begin.join();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        while (end.getCount() > 0) {
            clock.addAndGet(Duration.ofMillis(100).toNanos());
            Thread.onSpinWait();
        }
    }

    // region AS401
    Coroutine<Void> forgetsTheServer() {
        return async(() -> {
            await(serve(stream -> {}, "127.0.0.1", 0));
        });
    }

    // endregion

    @Test
    void as401_serverNotClosed_isReportedAsDocumented() throws Exception {
        LoopOptions realTime = LoopOptions.defaults().logger(log).name("Loop-1");
        try (EventLoop loop = EventLoop.create(realTime)) {
            loop.runUntilComplete(forgetsTheServer());
        }

        assertDocumented(log.messagesWith("AS401"));
    }

    // region AS501
    Coroutine<Void> failsInACallback() {
        return async(() -> {
            getRunningLoop()
                    .callSoon(() -> {
                        throw new IllegalArgumentException("no such shop");
                    });
            await(sleep(Duration.ZERO));
        });
    }

    // endregion

    @Test
    void as501_callbackThrows_isReportedAsDocumented() throws Exception {
        runHere(failsInACallback());

        assertDocumented(log.messagesWith("AS501"));
    }

    private static void assertDocumented(List<String> messages) throws Exception {
        List<String> shown =
                Markdown.blocks(PAGE, "text").stream()
                        .map(block -> digitless(block.text()))
                        .toList();

        assertThat(messages).isNotEmpty();
        assertThat(shown).contains(digitless(messages.getFirst()));
    }

    /// Lines, times and numbers of tasks are not the same in every run, nor are the JDK's frames in
    /// every release.
    private static String digitless(String text) {
        return text.replaceAll("(?m)^ +at java\\.base/.*\n", "").replaceAll("\\d+", "0").strip();
    }

    /// Opens a latch when AS305 is logged, which comes after AS301.
    private record Signalling(RecordingLogger log, CountDownLatch latch) implements System.Logger {
        @Override
        public String getName() {
            return log.getName();
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
            log.log(level, bundle, message, thrown);
            open(message);
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... arguments) {
            log.log(level, bundle, format, arguments);
            open(format);
        }

        private void open(String message) {
            if (message.contains("AS305")) {
                latch.countDown();
            }
        }
    }
}
