package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.blocking;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.GuestRun;
import asyncio.LoopOptions;
import asyncio.SystemExit;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.awt.EventQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.swing.SwingUtilities;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A loop on top of another event loop: a single thread, and Swing's.
class GuestRunTest {
    private final ExecutorService host = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().name("host").unstarted(task));

    @BeforeAll
    static void hideSwing() {
        System.setProperty("java.awt.headless", "true");
    }

    @AfterEach
    void endHost() {
        host.shutdown();
        host.close();
    }

    @Test
    void start_program_runsOnTheHostsThread() {
        GuestRun<Integer> run = GuestRun.start(
                async(() -> {
                    assertThat(getRunningLoop().isRunning()).isTrue();
                    int sum = 0;
                    for (int i = 0; i < 10; i++) {
                        await(sleep(Duration.ofMillis(1)));
                        sum += await(createTask(() -> await(sleep(Duration.ZERO, 1))));
                    }
                    sum += await(toThread(() -> 10));
                    sum += await(blocking(() -> 100));
                    return sum;
                }),
                host);

        assertThat(run.result().join()).isEqualTo(120);
        assertThat(run.loop().isClosed()).isTrue();
    }

    @Test
    void start_onSwing_keepsSwingResponsive() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<String> seen = new CopyOnWriteArrayList<>();
        GuestRun<String> run = GuestRun.start(
                async(() -> {
                    EventLoop loop = getRunningLoop();
                    loop.callSoon(() -> seen.add("on Swing's thread: " + loop.isRunning()));
                    await(blocking(() -> end.await()));
                    await(sleep(Duration.ofMillis(1)));
                    return "result";
                }),
                SwingUtilities::invokeLater);

        for (int i = 0; i < 100; i++) { // Swing's thread runs its own events while the program waits
            boolean[] dispatched = {false};
            EventQueue.invokeAndWait(() -> dispatched[0] = EventQueue.isDispatchThread());
            assertThat(dispatched[0]).isTrue();
        }
        assertThat(run.result().isDone()).isFalse();
        end.countDown();

        assertThat(run.result().join()).isEqualTo("result");
        assertThat(seen).containsExactly("on Swing's thread: true");
    }

    @Test
    void start_inVirtualTime_jumps() {
        GuestRun<String> run = GuestRun.start(
                async(() -> await(sleep(Duration.ofDays(1), "tomorrow"))),
                host,
                VirtualTime.create().options());

        assertThat(run.result().join()).isEqualTo("tomorrow");
    }

    @Test
    void result_ofAFailure_isThatFailure() {
        GuestRun<Integer> run = GuestRun.start(InVirtualTime.failing(new IllegalArgumentException("no")), host);

        assertThatThrownBy(() -> run.result().join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cancel_anywhere_endsTheProgramInOrder() {
        List<String> seen = new CopyOnWriteArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        GuestRun<@Nullable Void> run = GuestRun.<@Nullable Void>start(
                async(() -> {
                    AsyncGenerator<Integer> left = Asyncio.generator(yielder -> {
                        try {
                            yielder.emit(1);
                        } finally {
                            seen.add("generator");
                        }
                    });
                    await(left.anext());
                    createTask(() -> sleepAndTell(seen, "task"));
                    await(sleep(Duration.ZERO));
                    begun.countDown();
                    sleepAndTell(seen, "main");
                    await(left.aclose());
                }),
                host);

        begunOn(begun);
        run.cancel();

        assertThatThrownBy(() -> run.result().join()).isInstanceOf(CancellationException.class);
        assertThat(seen).containsExactly("main", "task", "generator");
    }

    private static void begunOn(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void sleepAndTell(List<String> seen, String name) {
        try {
            await(sleep(Duration.ofHours(1)));
        } finally {
            await(sleep(Duration.ZERO));
            seen.add(name);
        }
    }

    @Test
    void systemExit_inATask_endsTheProgram() {
        List<String> seen = new CopyOnWriteArrayList<>();
        GuestRun<@Nullable Void> run = GuestRun.<@Nullable Void>start(
                async(() -> {
                    createTask(() -> {
                        throw new SystemExit(3);
                    });
                    sleepAndTell(seen, "main");
                }),
                host);

        assertThatThrownBy(() -> run.result().join()).cause().isInstanceOf(SystemExit.class);
        assertThat(seen).containsExactly("main");
    }

    @Test
    void stop_inTheProgram_failsIt() {
        GuestRun<@Nullable Void> run = GuestRun.<@Nullable Void>start(
                async(() -> {
                    getRunningLoop().stop();
                    await(sleep(Duration.ofHours(1)));
                }),
                host);

        assertThatThrownBy(() -> run.result().join())
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("Event loop stopped before Future completed.");
    }

    @Test
    void loop_betweenIterations_isNobodys() throws Exception {
        List<String> called = new CopyOnWriteArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        GuestRun<@Nullable Void> run = GuestRun.<@Nullable Void>start(
                async(() -> {
                    begun.countDown();
                    await(blocking(() -> end.await()));
                    assertThat(called).containsExactly("callback");
                }),
                host);
        EventLoop loop = run.loop();
        begun.await();

        host.submit(() -> {
                    assertThat(loop.isRunning()).isTrue();
                    assertThatThrownBy(() -> loop.callSoon(() -> {})).hasMessageStartingWith("AS201");
                    assertThatThrownBy(loop::runForever).hasMessageContaining("AS204");
                    assertThatThrownBy(loop::close).isInstanceOf(IllegalStateException.class);
                    loop.callSoonThreadsafe(() -> {
                        called.add("callback");
                        end.countDown();
                    });
                })
                .get();

        assertThat(run.result().join()).isNull();
    }

    @Test
    void host_thatRefuses_endsTheProgram() {
        List<Runnable> taken = new ArrayList<>();
        RecordingLogger logger = new RecordingLogger();
        List<String> seen = new CopyOnWriteArrayList<>();
        GuestRun<@Nullable Void> run = GuestRun.<@Nullable Void>start(
                async(() -> {
                    try {
                        await(sleep(Duration.ZERO));
                        await(sleep(Duration.ZERO));
                    } finally {
                        seen.add("finally");
                    }
                }),
                iteration -> {
                    if (!taken.isEmpty()) {
                        throw new java.util.concurrent.RejectedExecutionException("gone");
                    }
                    taken.add(iteration);
                },
                LoopOptions.defaults().logger(logger));
        taken.getFirst().run();

        assertThatThrownBy(() -> run.result().join())
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("refused");
        assertThat(seen).containsExactly("finally");
        assertThat(run.loop().isClosed()).isTrue();
    }

    @Test
    void host_thatIsALoopItself_isRefused() {
        Asyncio.run(() -> {
            EventLoop outer = getRunningLoop();
            GuestRun<@Nullable Void> run = GuestRun.start(async(() -> {}), task -> outer.callSoon(task));
            await(sleep(millis(5)));
            assertThatThrownBy(() -> run.result().join()).cause().hasMessageStartingWith("AS204");
        });
    }
}
