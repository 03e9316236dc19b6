package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Work from other threads while the loop does not run.
class EventLoopSubmitTest {
    private static final int THREADS = 4;
    private static final int CALLS = 20_000;

    @Test
    void callSoonThreadsafe_manyThreadsBeforeTheRun_losesNothing() throws InterruptedException {
        int[] ran = {0};
        try (EventLoop loop = EventLoop.create()) {
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    awaitQuietly(go);
                    for (int call = 0; call < CALLS; call++) {
                        loop.callSoonThreadsafe(() -> ran[0]++);
                    }
                }));
            }
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            loop.callSoon(loop::stop);
            loop.runForever();
        }

        assertThat(ran[0]).isEqualTo(THREADS * CALLS);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void callSoonThreadsafe_beforeTheRun_keepsTheOrderOfTheOwnersCalls() {
        List<String> log = new ArrayList<>();
        try (EventLoop loop = EventLoop.create()) {
            loop.callSoon(() -> log.add("a"));
            loop.callSoonThreadsafe(() -> log.add("b"));
            loop.callSoon(() -> log.add("c"));
            loop.callSoonThreadsafe(() -> log.add("d"));
            loop.callSoon(loop::stop);
            loop.runForever();
        }

        assertThat(log).containsExactly("a", "b", "c", "d");
    }

    @Test
    void callSoonThreadsafe_closedLoop_isRefusedAndNotKept() {
        EventLoop loop = EventLoop.create();
        loop.close();

        assertThatThrownBy(() -> loop.callSoonThreadsafe(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("Event loop is closed");
        assertThat(loop.core.submit(new BareJob(() -> {}))).isFalse();
        assertThat(loop.core.readyCount()).isZero();
    }

    @Test
    void runUntilComplete_endedByAnotherFailureInTheSameTurn_doesNotEndTheNextRun() {
        try (EventLoop loop = EventLoop.create()) {
            Future<String> first = loop.createFuture();
            loop.callSoon(() -> {
                first.setResult("done");
                throw new SystemExit(3);
            });
            assertThatThrownBy(() -> loop.runUntilComplete(first)).isInstanceOf(SystemExit.class);

            Task<String> second = loop.createTask(Asyncio.async(() -> {
                for (int turn = 0; turn < 5; turn++) {
                    Asyncio.await(Asyncio.sleep(java.time.Duration.ZERO));
                }
                return "cleaned up";
            }));
            assertThat(loop.runUntilComplete(second)).isEqualTo("cleaned up");
        }
    }
}
