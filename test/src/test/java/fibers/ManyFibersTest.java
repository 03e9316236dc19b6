package fibers;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.AsyncGenerator;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.VoidBody;
import asyncio.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Large numbers of fibers, and fibers that hand over to one another past the queue.
class ManyFibersTest {
    private static final int MANY = 100_000;
    private static final TaskOptions EAGER = TaskOptions.DEFAULT.eagerStart(true);

    @Test
    void tasks_suspendedByTheThousand_allResume() {
        long sum = run(
                async(() -> {
                    Future<Integer> gate = getRunningLoop().createFuture();
                    List<Task<Integer>> tasks = new ArrayList<>();
                    for (int i = 0; i < MANY; i++) {
                        int mine = i % 7;
                        tasks.add(createTask(() -> await(gate) + mine));
                    }
                    await(sleep(Duration.ofSeconds(1)));
                    assertThat(getRunningLoop().allTasks()).hasSize(MANY + 1);
                    gate.setResult(1);
                    long total = 0;
                    for (Task<Integer> task : tasks) {
                        total += await(task);
                    }
                    return total;
                }),
                RunOptions.defaults().loop(VirtualTime.create().options()));
        long expected = 0;
        for (int i = 0; i < MANY; i++) {
            expected += 1 + i % 7;
        }
        assertThat(sum).isEqualTo(expected);
    }

    @Test
    void eagerTasks_nestedAThousandDeep_runInsideTheirCreator() {
        List<Integer> order = new ArrayList<>();
        int result = run(async(() -> nest(1_000, order)));
        assertThat(result).isEqualTo(1_000);
        assertThat(order).hasSize(2_000);
        for (int i = 0; i < 1_000; i++) { // down, then up again, before anything else
            assertThat(order.get(i)).isEqualTo(1_000 - i);
            assertThat(order.get(1_000 + i)).isEqualTo(-(i + 1));
        }
    }

    private static int nest(int depth, List<Integer> order) {
        if (depth == 0) {
            await(sleep(Duration.ZERO));
            return 0;
        }
        order.add(depth);
        Task<Integer> inner = createTask(async(() -> nest(depth - 1, order)), EAGER);
        order.add(-depth);
        return await(inner) + 1;
    }

    @Test
    void eagerTasks_oneAfterTheOther_endBeforeCreateTaskReturns() {
        run(() -> {
            int[] done = {0};
            for (int i = 0; i < MANY; i++) {
                Task<Integer> task = createTask(async(() -> ++done[0]), EAGER);
                assertThat(task.isDone()).isTrue();
            }
            assertThat(done[0]).isEqualTo(MANY);
        });
    }

    @Test
    void eagerTasks_thatSuspend_returnToTheirCreatorFirst() {
        run(() -> {
            List<String> order = new ArrayList<>();
            Task<?> queued = createTask(() -> {
                order.add("queued");
            });
            Task<?> eager = eager(() -> {
                order.add("eager");
                await(sleep(Duration.ZERO));
                order.add("eager again");
            });
            order.add("creator");
            await(queued);
            await(eager);
            assertThat(order).containsExactly("eager", "creator", "queued", "eager again");
        });
    }

    @Test
    void eagerTask_thatBlocksItsThread_holdsTheLoop() {
        run(() -> {
            Steps steps = Steps.start();
            steps.assertNoneDuring(() -> {
                Task<?> eager = eager(() -> {
                    Thread.sleep(2);
                });
                assertThat(eager.isDone()).isTrue();
            });
            steps.stop();
        });
    }

    @Test
    void generators_nested_passEveryValueThroughAllOfThem() {
        run(() -> {
            AsyncGenerator<Integer> chain = numbers(20, true);
            for (int level = 0; level < 50; level++) {
                chain = plusOne(chain);
            }
            List<Integer> got = new ArrayList<>();
            for (Optional<Integer> next = await(chain.anext()); next.isPresent(); next = await(chain.anext())) {
                got.add(next.get());
            }
            assertThat(got).hasSize(20).startsWith(50, 51).endsWith(69);
        });
    }

    @Test
    void generators_thatNeverWait_letNobodyElseRun() {
        run(() -> {
            Steps steps = Steps.start();
            steps.assertNoneDuring(() -> {
                AsyncGenerator<Integer> chain = plusOne(plusOne(numbers(100, false)));
                int count = 0;
                while (await(chain.anext()).isPresent()) {
                    count++;
                }
                assertThat(count).isEqualTo(100);
            });
            steps.stop();
        });
    }

    @Test
    void generator_thatWaitsInAnEagerTask_returnsToTheCreator() {
        run(() -> {
            List<String> order = new ArrayList<>();
            Task<?> eager = eager(() -> {
                AsyncGenerator<Integer> chain = plusOne(numbers(2, true));
                order.add("asks");
                order.add("got " + await(chain.anext()).orElseThrow());
                await(chain.aclose());
            });
            order.add("creator");
            await(eager);
            assertThat(order).containsExactly("asks", "creator", "got 1");
        });
    }

    @Test
    void generator_thatStartsEagerTasks_goesOnInItsOwnTurn() {
        run(() -> {
            List<String> order = new ArrayList<>();
            AsyncGenerator<Integer> source = generator(yielder -> {
                for (int i = 0; i < 2; i++) {
                    int mine = i;
                    Task<?> eager = eager(() -> {
                        order.add("eager " + mine);
                        await(sleep(Duration.ZERO));
                    });
                    order.add("generator " + mine);
                    yielder.emit(i);
                    await(eager);
                }
            });
            for (Optional<Integer> next = await(source.anext()); next.isPresent(); next = await(source.anext())) {
                order.add("consumer " + next.get());
            }
            assertThat(order)
                    .containsExactly("eager 0", "generator 0", "consumer 0", "eager 1", "generator 1", "consumer 1");
        });
    }

    private static Task<?> eager(VoidBody body) {
        Task<@Nullable Void> task = createTask(async(body), EAGER);
        return task;
    }

    private static AsyncGenerator<Integer> numbers(int count, boolean waiting) {
        return generator(yielder -> {
            for (int i = 0; i < count; i++) {
                if (waiting) {
                    await(sleep(Duration.ZERO));
                }
                yielder.emit(i);
            }
        });
    }

    private static AsyncGenerator<Integer> plusOne(AsyncGenerator<Integer> source) {
        return generator(yielder -> {
            for (Optional<Integer> next = await(source.anext()); next.isPresent(); next = await(source.anext())) {
                yielder.emit(next.get() + 1);
            }
        });
    }

    @Test
    void callSoonThreadsafe_byManyThreadsBeforeTheLoopRuns_losesNothing() throws Exception {
        int perThread = 20_000;
        int[] count = {0};
        try (EventLoop loop = EventLoop.create()) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(Threads.start(() -> {
                    for (int i = 0; i < perThread; i++) {
                        loop.callSoonThreadsafe(() -> count[0]++);
                    }
                }));
            }
            for (int i = 0; i < perThread; i++) {
                loop.callSoon(() -> count[0]++);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Future<@Nullable Void> end = loop.createFuture();
            loop.callSoon(() -> end.setResult(null));
            loop.runUntilComplete(end);
        }
        assertThat(count[0]).isEqualTo(5 * perThread);
    }
}
