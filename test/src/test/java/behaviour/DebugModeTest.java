package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.VoidBody;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DebugModeTest {
    private static final Duration SLOW = Duration.ofMillis(50);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60); // then the report has not come

    private final RecordingLogger logger = new RecordingLogger();

    private void runDebug(boolean debug, VoidBody main) {
        run(async(main), options(LoopOptions.defaults().debug(debug)));
    }

    private RunOptions options(LoopOptions loop) {
        return new RunOptions(loop.logger(logger), Duration.ZERO, false);
    }

    private static String lineHere(int offset) {
        StackWalker.StackFrame caller = StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst().orElseThrow());
        return caller.getFileName() + ":" + (caller.getLineNumber() + offset);
    }

    // DBG-1, DBG-2: where things were created

    @Test
    @Spec({"DBG-1", "DBG-2", "AS101", "WRN-2"})
    void async_forgotten_isReportedWithTheLineThatCreatedIt() {
        String[] line = new String[1];
        runDebug(true, () -> {
            line[0] = lineHere(1);
            var _ = async(() -> 1);
            await(sleep(Duration.ZERO));
        });
        assertThat(logger.messagesWith("AS101"))
                .singleElement()
                .satisfies(message -> assertThat(message)
                        .contains("was never awaited")
                        .contains("Coroutine created at " + line[0])
                        .contains("\n    at "));
    }

    @Test
    @Spec({"DBG-2", "AS101"})
    void async_forgottenWithoutDebug_isReportedWithoutALine() {
        runDebug(false, () -> {
            var _ = async(() -> 1);
        });
        assertThat(logger.messagesWith("AS101"))
                .singleElement()
                .satisfies(message ->
                        assertThat(message).contains("was never awaited").doesNotContain("created at"));
    }

    @Test
    @Spec("DBG-1")
    void toString_inDebugMode_saysWhereItWasCreated() {
        runDebug(true, () -> {
            EventLoop loop = getRunningLoop();
            String line = lineHere(1);
            List<Object> made = List.of(loop.createFuture(), createTask(() -> 1), loop.callSoon(() -> {}), timer(loop));
            assertThat(made.subList(0, 3))
                    .allSatisfy(each -> assertThat(each.toString()).contains("created at " + line));
            assertThat(made.get(3).toString()).contains("created at DebugModeTest.java:");
        });
    }

    private static Object timer(EventLoop loop) {
        return loop.callLater(Duration.ofHours(1), () -> {});
    }

    @Test
    @Spec("DBG-1")
    void toString_withoutDebugMode_saysNothingOfIt() {
        runDebug(false, () -> {
            EventLoop loop = getRunningLoop();
            List<Object> made = List.of(loop.createFuture(), createTask(() -> 1), loop.callSoon(() -> {}), timer(loop));
            assertThat(made).allSatisfy(each -> assertThat(each.toString()).doesNotContain("created at"));
        });
    }

    @Test
    @Spec({"DBG-1", "AS501", "WRN-1"})
    void callSoon_callbackThrows_reportNamesTheLineThatScheduledIt() {
        IllegalStateException failure = new IllegalStateException("callback");
        String[] line = new String[1];
        runDebug(true, () -> {
            line[0] = lineHere(1);
            getRunningLoop().callSoon(() -> {
                throw failure;
            });
            await(sleep(Duration.ZERO));
        });
        assertThat(logger.entries()).anySatisfy(entry -> {
            assertThat(entry.message())
                    .contains("AS501")
                    .contains("\ncreated at:")
                    .contains(line[0]);
            assertThat(entry.thrown()).isSameAs(failure);
        });
    }

    @Test
    @Spec("DBG-1")
    void callExceptionHandler_fromWithinACallback_namesTheCallback() {
        List<ExceptionContext> told = new ArrayList<>();
        for (boolean debug : new boolean[] {true, false}) {
            runDebug(debug, () -> {
                EventLoop loop = getRunningLoop();
                loop.setExceptionHandler((where, context) -> told.add(context));
                loop.callSoon(() -> loop.callExceptionHandler(ExceptionContext.of("by the user", null)));
                await(sleep(Duration.ZERO));
            });
        }
        assertThat(told).hasSize(2);
        assertThat(told.get(0).handle()).asString().contains("created at DebugModeTest.java:");
        assertThat(told.get(1).handle()).isNull();
    }

    @Test
    @Spec({"DBG-1", "AS102", "WRN-1"})
    void setException_neverRetrieved_reportNamesTheLineThatCreatedTheFuture() {
        String[] line = new String[1];
        runDebug(true, () -> {
            line[0] = lineHere(1);
            Future<Integer> future = getRunningLoop().createFuture();
            future.setException(new IllegalStateException("lost"));
        });
        assertThat(logger.messagesWith("AS102"))
                .singleElement()
                .satisfies(
                        message -> assertThat(message).contains("was never retrieved; it was created at " + line[0]));
    }

    @Test
    @Spec("DBG-1")
    void cancel_inDebugMode_theErrorCarriesWhereItWasAsked() {
        runDebug(true, () -> {
            Future<Integer> future = getRunningLoop().createFuture();
            future.cancel("why");
            assertThatThrownBy(() -> await(future))
                    .isInstanceOfSatisfying(
                            CancelledError.class,
                            e -> assertThat(e.reason())
                                    .isNotNull()
                                    .satisfies(
                                            reason -> assertThat(reason.site()).isNotNull()))
                    .hasMessage("why");
        });
    }

    // DBG-3, DBG-4: wrong thread, wrong callback

    @Test
    @Spec({"DBG-3", "AS201"})
    void callSoon_onAnotherThread_refusedInEveryMode() {
        for (boolean debug : new boolean[] {true, false}) {
            runDebug(debug, () -> {
                EventLoop loop = getRunningLoop();
                Future<Integer> future = loop.createFuture();
                List<Runnable> calls = List.of(
                        () -> loop.callSoon(() -> {}),
                        () -> loop.callLater(Duration.ZERO, () -> {}),
                        () -> loop.callAt(Duration.ZERO, () -> {}),
                        () -> future.setResult(1),
                        future::cancel,
                        () -> loop.createTask(async(() -> 1)));
                for (Runnable call : calls) {
                    await(Asyncio.toThread(() -> assertThatThrownBy(call::run)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("AS201")
                            .hasMessageContaining("Non-thread-safe operation")
                            .hasMessageContaining("use callSoonThreadsafe")));
                }
            });
        }
    }

    @Test
    @Spec("DBG-4")
    void callSoon_coroutine_isATypeErrorOfTheCompilerAndNoneIsRefused() {
        assertThat(Runnable.class.isAssignableFrom(Coroutine.class)).isFalse();
        runDebug(true, () -> {
            EventLoop loop = getRunningLoop();
            assertThatThrownBy(() -> loop.callSoon(nothing()))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("callback must not be null");
        });
    }

    @SuppressWarnings("NullAway") // what a caller without null checks may pass
    private static Runnable nothing() {
        return null;
    }

    @Test
    @Spec({"DBG-4", "AS101"})
    void callSoon_callbackOnlyMakesACoroutine_itIsReportedAsForgotten() {
        runDebug(true, () -> {
            Runnable callback = () -> async(() -> 1);
            getRunningLoop().callSoon(callback);
            await(sleep(Duration.ZERO));
        });
        assertThat(logger.messagesWith("AS101")).hasSize(1);
    }

    // DBG-5: slow steps

    @Test
    @Spec({"DBG-5", "AS301", "F-LOOP-18"})
    void step_computesTooLong_isReportedWhileItRunsAndWhenItEnds() {
        CountDownLatch reported = logger.latchOn("name=cruncher");
        String[] line = {lineHere(0)}; // loads what it needs before time counts
        runDebug(true, () -> {
            getRunningLoop().setSlowCallbackDuration(SLOW);
            await(createTask(
                    async(() -> {
                        line[0] = lineHere(1);
                        return spinUntil(reported);
                    }),
                    "cruncher"));
        });
        List<String> reports = logger.messagesWith("name=cruncher");
        assertThat(reports.getFirst())
                .startsWith("AS301")
                .containsPattern("has been running for \\d+ ms without an await; it is ")
                .contains("DebugModeTest.java:")
                .contains(line[0])
                .contains("toThread");
        assertThat(reports.getLast()).containsPattern("Executing <Task .*name=cruncher.*took \\d+ ms");
    }

    private static boolean spinUntil(CountDownLatch reported) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (reported.getCount() > 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError("no report while the step ran");
            }
        }
        return true;
    }

    @Test
    @Spec({"DBG-5", "AS301"})
    void step_blocksInForeignCode_isNamedWithItsStackWhileItBlocks() {
        CountDownLatch reported = logger.latchOn("it is blocked at ");
        String[] line = {lineHere(0)};
        runDebug(true, () -> {
            getRunningLoop().setSlowCallbackDuration(SLOW);
            await(createTask(
                    async(() -> {
                        line[0] = lineHere(1);
                        return reported.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
                    }),
                    "sleeper"));
        });
        List<String> reports = logger.messagesWith("name=sleeper");
        assertThat(reports)
                .anySatisfy(report -> assertThat(report)
                        .startsWith("AS301")
                        .contains("it is blocked at behaviour.DebugModeTest")
                        .contains("(" + line[0] + ")")
                        .contains("java.util.concurrent.CountDownLatch.await"));
        assertThat(reports.getLast()).contains("Executing <Task").contains("took");
    }

    @Test
    @Spec({"DBG-5", "AS305"})
    void firstStep_doesNotYieldForASecond_isReportedWhileItRuns() {
        AtomicLong clock = new AtomicLong(1);
        CountDownLatch firstReported = logger.latchOn("AS305");
        CountDownLatch laterReported = logger.latchOn("name=later");
        VoidBody main = () -> {
            await(createTask(
                    async(() -> {
                        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
                        return firstReported.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
                    }),
                    "first"));
            await(createTask(
                    async(() -> {
                        await(sleep(Duration.ZERO));
                        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
                        return laterReported.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
                    }),
                    "later"));
        };
        run(async(main), options(LoopOptions.defaults().debug(true).stepClock(clock::get)));
        assertThat(logger.messagesWith("AS305"))
                .singleElement()
                .satisfies(
                        report -> assertThat(report).contains("name=first").contains("has been running for 1000 ms"));
        assertThat(logger.messagesWith("name=later")).allMatch(report -> report.startsWith("AS301"));
    }

    @Test
    @Spec({"DBG-5", "F-LOOP-18"})
    void step_tookLong_isReportedWithItsTimeInDebugModeOnly() {
        for (boolean debug : new boolean[] {true, false}) {
            AtomicLong clock = new AtomicLong(1); // a step clock of 0 means no step
            RecordingLogger own = new RecordingLogger();
            LoopOptions loop =
                    LoopOptions.defaults().debug(debug).stepClock(clock::get).logger(own);
            VoidBody main = () -> {
                getRunningLoop().callSoon(() -> clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(150)));
                await(sleep(Duration.ZERO));
                clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(99));
                await(sleep(Duration.ZERO));
            };
            run(async(main), new RunOptions(loop, Duration.ZERO, false));
            List<String> reports = own.messagesWith("Executing");
            if (debug) {
                assertThat(reports)
                        .singleElement()
                        .satisfies(report -> assertThat(report)
                                .contains("AS301")
                                .contains("<Handle behaviour.DebugModeTest created at DebugModeTest.java:")
                                .contains("took 150 ms"));
            } else {
                assertThat(own.messagesWith("AS301")).isEmpty();
            }
        }
    }

    @Test
    @Spec("DBG-5")
    void setDebug_whileRunning_takesEffectFromTheNextStep() {
        AtomicLong clock = new AtomicLong();
        LoopOptions loop = LoopOptions.defaults().debug(false).stepClock(clock::get);
        VoidBody main = () -> {
            clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
            await(sleep(Duration.ZERO));
            getRunningLoop().setDebug(true);
            await(sleep(Duration.ZERO));
            clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
            await(sleep(Duration.ZERO));
            getRunningLoop().setDebug(false);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(3));
        };
        run(async(main), options(loop));
        assertThat(logger.messagesWith("Executing"))
                .singleElement()
                .satisfies(report -> assertThat(report).contains("took 2000 ms"));
    }

    @Test
    @Spec("DBG-5")
    void setSlowCallbackDuration_notPositive_refused() {
        runDebug(true, () -> {
            EventLoop loop = getRunningLoop();
            assertThat(loop.slowCallbackDuration()).isEqualTo(Duration.ofMillis(100));
            for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
                assertThatThrownBy(() -> loop.setSlowCallbackDuration(wrong))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("must be more than zero");
            }
        });
    }
}
