package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Threads that a coroutine starts are ordinary ones: they neither run on the loop nor are the
/// coroutine.
class ChildThreadsTest {
    @Test
    void virtualThread_startedByABusyCoroutine_runsConcurrently() {
        run(() -> {
            AtomicBoolean ran = new AtomicBoolean();
            Thread child = Thread.startVirtualThread(() -> ran.set(true));
            Threads.spinUntil(ran::get, "the child, while the coroutine keeps the loop busy");
            child.join();
        });
    }

    @Test
    void virtualThread_thatBlocksAndStartsAnother_runsConcurrently() {
        run(() -> {
            AtomicBoolean ran = new AtomicBoolean();
            CountDownLatch go = new CountDownLatch(1);
            Thread child = Thread.startVirtualThread(() -> {
                Thread grandchild = Thread.startVirtualThread(() -> {
                    awaitQuietly(go);
                    ran.set(true);
                });
                joinQuietly(grandchild);
            });
            Threads.awaitState(child, Thread.State.WAITING);
            go.countDown();
            Threads.spinUntil(ran::get, "the grandchild, while the coroutine keeps the loop busy");
            child.join();
        });
    }

    @Test
    void virtualThread_thatOutlivesItsCoroutine_goesOn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Thread[] child = new Thread[1];
        run(() -> {
            await(createTask(() -> {
                child[0] = Thread.startVirtualThread(() -> awaitQuietly(go));
            }));
            Threads.awaitState(child[0], Thread.State.WAITING);
        });

        go.countDown();
        child[0].join();

        assertThat(child[0].isAlive()).isFalse();
    }

    @Test
    void executors_usedByACoroutine_runConcurrently() {
        run(() -> {
            try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
                    ExecutorService platform = Executors.newSingleThreadExecutor()) {
                AtomicBoolean all = new AtomicBoolean();
                CompletableFuture<Integer> sum = CompletableFuture.supplyAsync(() -> 40, virtual)
                        .thenApplyAsync(x -> x + 1, platform)
                        .thenApplyAsync(x -> x + 1);
                var _ = sum.thenRun(() -> all.set(true));
                Threads.spinUntil(all::get, "the executors, while the coroutine keeps the loop busy");
                assertThat(await(sum)).isEqualTo(42);
            }
        });
    }

    @Test
    void virtualThread_isNotTheCoroutine() {
        List<String> refusals = new CopyOnWriteArrayList<>();
        run(() -> {
            EventLoop loop = getRunningLoop();
            Future<String> future = loop.createFuture();
            Thread child = Thread.startVirtualThread(() -> {
                refusals.add(refusal(() -> getRunningLoop()));
                refusals.add(refusal(() -> currentTask()));
                refusals.add(refusal(() -> await(future)));
                refusals.add(refusal(() -> await(sleep(Duration.ofMillis(1)))));
                refusals.add(refusal(() -> loop.callSoon(() -> {})));
                refusals.add(refusal(() -> future.setResult("x")));
                loop.callSoonThreadsafe(() -> future.setResult("told"));
            });
            assertThat(await(future)).isEqualTo("told");
            child.join();
        });

        assertThat(refusals).hasSize(6);
        assertThat(refusals.subList(0, 4)).allSatisfy(text -> assertThat(text).contains("no", "loop", "run"));
        assertThat(refusals.subList(4, 6)).allSatisfy(text -> assertThat(text).startsWith("AS201"));
    }

    private static String refusal(Steps.Code code) {
        try {
            code.run();
            return "not refused";
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void threadLocal_inheritable_isNotInheritedByTasks() {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        local.set("outside");
        try {
            run(() -> {
                assertThat(local.get()).isNull();
                local.set("inside");
                String[] seen = new String[1];
                Thread child = Thread.ofVirtual().start(() -> seen[0] = local.get());
                child.join();
                assertThat(seen[0]).isEqualTo("inside");
                String inTask = await(createTask(() -> String.valueOf(local.get())));
                assertThat(inTask).isEqualTo("null");
            });
        } finally {
            local.remove();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
