package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static asyncio.sync.Select.onDone;
import static asyncio.sync.Select.onGet;
import static asyncio.sync.Select.onPut;
import static asyncio.sync.Select.onReceive;
import static asyncio.sync.Select.onSend;
import static asyncio.sync.Select.onTimeout;
import static asyncio.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Channel;
import asyncio.sync.LifoQueue;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import asyncio.testing.CancelSweep;
import asyncio.testing.CancelSweep.Scenario;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever waits for a queue, a channel or a choice is cancelled at each moment: nothing is lost or
/// doubled, nobody is stuck.
class QueueSweepTest {
    private static final int ORDERS = 200;

    private static void sweep(Scenario scenario) {
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }

    private static void join(List<? extends Task<@Nullable Void>> tasks) {
        await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
    }

    private static List<Supplier<Queue<Integer>>> kinds(int limit) {
        return List.of(() -> new Queue<>(limit), () -> new PriorityQueue<>(limit), () -> new LifoQueue<>(limit));
    }

    // Queues

    @Test
    @Spec({"Q-1", "Q-4", "F-Q-1", "F-Q-3"})
    void queue_putterOrGetterCancelledAnywhere_whatWasPutIsGotOnce() {
        for (Supplier<Queue<Integer>> kind : kinds(1)) {
            for (int victimIndex = 0; victimIndex < 4; victimIndex++) {
                int cancelled = victimIndex;
                sweep(victim -> {
                    Queue<Integer> queue = kind.get();
                    List<Integer> put = new ArrayList<>();
                    List<Integer> got = new ArrayList<>();
                    List<Task<@Nullable Void>> tasks = new ArrayList<>();
                    for (int i = 0; i < 2; i++) {
                        int first = i * 10;
                        tasks.add(createTask(() -> {
                            for (int item = first; item < first + 2; item++) {
                                await(queue.put(item));
                                put.add(item);
                            }
                        }));
                        tasks.add(createTask(() -> {
                            for (int item : queue) {
                                got.add(item);
                                queue.taskDone();
                            }
                        }));
                    }
                    victim.is(tasks.get(cancelled));
                    join(List.of(tasks.get(0), tasks.get(2)));
                    await(queue.join());
                    queue.shutdown();
                    join(tasks);
                    assertThat(got).containsExactlyInAnyOrderElementsOf(put);
                    assertThat(put.size()).isGreaterThanOrEqualTo(2);
                    assertThat(queue.isEmpty()).isTrue();
                });
            }
        }
    }

    @Test
    @Spec({"Q-2", "Q-3"})
    void queue_joinOrShutdownMeetsCancellation_nobodyIsStuck() {
        for (int victimIndex = 0; victimIndex < 4; victimIndex++) {
            int cancelled = victimIndex;
            sweep(victim -> {
                Queue<Integer> queue = new Queue<>(1);
                List<Task<@Nullable Void>> tasks = new ArrayList<>();
                tasks.add(createTask(queue.join()));
                tasks.add(createTask(() -> {
                    try {
                        for (int item = 0; ; item++) {
                            await(queue.put(item));
                        }
                    } catch (QueueShutDownException e) {
                        assertThat(queue.isShutDown()).isTrue();
                    }
                }));
                tasks.add(createTask(() -> {
                    for (int item : queue) {
                        await(sleep(Duration.ZERO));
                        queue.taskDone();
                        if (item == 2) {
                            queue.shutdown(true);
                        }
                    }
                }));
                tasks.add(createTask(queue.join()));
                victim.is(tasks.get(cancelled));
                await(waitUntil(List.of(tasks.get(1), tasks.get(2)), ReturnWhen.FIRST_COMPLETED));
                if (!queue.isShutDown()) {
                    queue.shutdown(true);
                }
                join(List.of(tasks.get(1), tasks.get(2)));
                tasks.get(0).cancel(); // an item may have been in work: then join() waits for ever, rightly
                tasks.get(3).cancel();
                join(tasks);
                assertThat(queue.isEmpty()).isTrue();
            });
        }
    }

    // Channels

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void channel_senderOrReceiverCancelledAnywhere_whatWasSentIsReceivedOnce(int capacity) {
        for (int victimIndex = 0; victimIndex < 4; victimIndex++) {
            int cancelled = victimIndex;
            sweep(victim -> {
                List<Integer> sent = new ArrayList<>();
                List<Integer> received = new ArrayList<>();
                Channel<Integer> channel = Channel.open(capacity, received::add);
                List<Task<@Nullable Void>> tasks = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    int first = i * 10;
                    Sender<Integer> out = channel.sender().copy();
                    tasks.add(createTask(() -> {
                        for (int item = first; item < first + 3; item++) {
                            await(out.send(item));
                            sent.add(item);
                        }
                    }));
                    tasks.getLast().addDoneCallback(done -> out.close());
                    Receiver<Integer> in = channel.receiver().copy();
                    tasks.add(createTask(() -> {
                        for (int item : in) {
                            received.add(item);
                        }
                    }));
                    tasks.getLast().addDoneCallback(done -> in.close());
                }
                channel.sender().close();
                channel.receiver().close();
                victim.is(tasks.get(cancelled));
                join(tasks);
                await(sleep(Duration.ZERO)); // the last half may be closed in a callback
                assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
                assertThat(sent.size()).isGreaterThanOrEqualTo(3);
                assertThat(tasks.stream().filter(Task::isCancelled)).hasSize(victim.wasCancelled() ? 1 : 0);
            });
        }
    }

    // Choices

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void select_ofChannelsCancelledAnywhere_exactlyOneTakesEffect(int capacity) {
        for (int victimIndex = 0; victimIndex < 3; victimIndex++) {
            int cancelled = victimIndex;
            sweep(victim -> {
                Channel<String> left = Channel.open(capacity);
                Channel<String> right = Channel.open(capacity);
                List<String> sent = new ArrayList<>();
                List<String> received = new ArrayList<>();
                List<Task<@Nullable Void>> tasks = new ArrayList<>();
                tasks.add(createTask(() -> {
                    for (int i = 0; i < 3; i++) {
                        int number = i;
                        await(select(
                                onSend(left.sender(), "l" + number, () -> {
                                    sent.add("l" + number);
                                }),
                                onSend(right.sender(), "r" + number, () -> {
                                    sent.add("r" + number);
                                })));
                    }
                }));
                tasks.add(createTask(() -> {
                    while (true) {
                        await(select(
                                onReceive(right.receiver(), received::add), onReceive(left.receiver(), received::add)));
                    }
                }));
                tasks.add(createTask(() -> {
                    for (String item : right.receiver()) {
                        received.add(item);
                    }
                }));
                victim.is(tasks.get(cancelled));
                join(List.of(tasks.getFirst()));
                for (int i = 0; i < 4; i++) {
                    await(sleep(Duration.ZERO));
                }
                tasks.get(1).cancel();
                tasks.get(2).cancel();
                join(tasks);
                while (left.statistics().bufferedCount() > 0) { // of nobody else
                    left.receiver().tryReceive().ifPresent(received::add);
                }
                assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
                assertThat(left.statistics().waitingReceiverCount()).isZero();
                assertThat(right.statistics().waitingSenderCount()).isZero();
            });
        }
    }

    @Test
    void select_ofQueuesCancelledAnywhere_noItemIsLost() {
        for (int victimIndex = 0; victimIndex < 4; victimIndex++) {
            int cancelled = victimIndex;
            sweep(victim -> {
                Queue<Integer> one = new Queue<>(1);
                Queue<Integer> two = new PriorityQueue<>(1);
                List<Integer> put = new ArrayList<>();
                List<Integer> got = new ArrayList<>();
                List<Task<@Nullable Void>> tasks = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    int first = i * 10;
                    tasks.add(createTask(() -> {
                        for (int number = first; number < first + 3; number++) {
                            int item = number;
                            await(select(
                                    onPut(one, item, () -> {
                                        put.add(item);
                                    }),
                                    onPut(two, item, () -> {
                                        put.add(item);
                                    })));
                        }
                    }));
                    tasks.add(createTask(() -> {
                        while (true) {
                            await(select(onGet(two, got::add), onGet(one, got::add)));
                        }
                    }));
                }
                victim.is(tasks.get(cancelled));
                join(List.of(tasks.get(0), tasks.get(2)));
                while (!one.isEmpty() || !two.isEmpty()) {
                    await(sleep(Duration.ofHours(1))); // for ever if a wake-up was lost
                }
                tasks.get(1).cancel();
                tasks.get(3).cancel();
                join(tasks);
                assertThat(got).containsExactlyInAnyOrderElementsOf(put);
            });
        }
    }

    @Test
    void select_ofFutureAndTimeCancelledAnywhere_leavesNothingBehind() {
        sweep(victim -> {
            Future<String> future = getRunningLoop().createFuture();
            Channel<String> channel = Channel.open(0);
            List<String> chosen = new ArrayList<>();
            Task<@Nullable Void> chooser = createTask(() -> {
                for (int i = 0; i < 2; i++) {
                    await(select(
                            onDone(future, chosen::add),
                            onReceive(channel.receiver(), chosen::add),
                            onTimeout(Duration.ofSeconds(1), () -> chosen.add("time"))));
                }
            });
            victim.is(chooser);
            await(sleep(Duration.ofSeconds(1)));
            future.setResult("done");
            join(List.of(chooser));
            assertThat(chosen.size()).isEqualTo(chooser.isCancelled() ? chosen.size() : 2);
            assertThat(channel.statistics().waitingReceiverCount()).isZero();
            assertThat(chooser.isCancelled()).isEqualTo(victim.wasCancelled());
        });
    }
}
