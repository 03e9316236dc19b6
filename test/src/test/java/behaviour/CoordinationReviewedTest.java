package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.race;
import static asyncio.Asyncio.shielded;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.toThread;
import static asyncio.Asyncio.waitUntil;
import static asyncio.sync.Select.onReceive;
import static asyncio.sync.Select.onSend;
import static asyncio.sync.Select.select;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelScope;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.GroupOptions;
import asyncio.JoinPolicy;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.TaskStatus;
import asyncio.ThreadOptions;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import asyncio.sync.Channel;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Cases that a review found, one by one.
class CoordinationReviewedTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<String> log = new ArrayList<>();

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static void join(Future<@Nullable Void> task) {
        await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
    }

    private void attempt(String name) {
        try {
            turn();
            log.add(name);
        } catch (CancelledError e) {
            log.add(name + " cancelled");
        }
    }

    // Channels

    @Test
    void close_selectWithTwoPlacesInTheLine_leavesTheOthersInIt() {
        InVirtualTime.run(() -> {
            Channel<String> channel = Channel.open(0);
            Sender<String> sender = channel.sender();
            Sender<String> copy = sender.copy();
            Task<@Nullable Void> choosing = createTask(() -> {
                await(select(onSend(sender, "a", () -> 1), onSend(sender, "b", () -> 2)));
            });
            turn();
            Task<@Nullable Void> sending = createTask(() -> {
                await(copy.send("x"));
            });
            turn();
            sender.close();
            join(choosing);
            assertThat(choosing.exception()).isInstanceOf(IllegalStateException.class);
            assertThat(channel.receiver().tryReceive()).contains("x");
            await(sending);
        });
    }

    @Test
    void close_selectOverTwoHalves_wakesTheNextOfTheSameHalf() {
        InVirtualTime.run(() -> {
            Channel<String> channel = Channel.open(0);
            Receiver<String> receiver = channel.receiver();
            Receiver<String> copy = receiver.copy();
            Task<@Nullable Void> choosing = createTask(() -> {
                await(select(onReceive(receiver, item -> 1), onReceive(copy, item -> 2)));
            });
            turn();
            Task<@Nullable Void> receiving = createTask(() -> {
                await(receiver.receive());
            });
            turn();
            receiver.close();
            join(choosing);
            assertThat(choosing.exception()).isInstanceOf(IllegalStateException.class);
            join(receiving);
            assertThat(receiving.exception()).isInstanceOf(IllegalStateException.class);
            copy.close();
        });
    }

    @Test
    void receive_itemGivenBackAfterTheEnd_isReceivedByTheOther() {
        InVirtualTime.run(() -> {
            Channel<String> channel = Channel.open(1);
            Task<String> first = createTask(channel.receiver().receive());
            Task<String> second = createTask(channel.receiver().receive());
            turn();
            channel.sender().trySend("item");
            channel.sender().close();
            first.cancel();
            assertThat(await(second)).isEqualTo("item");
            assertThat(first.isDone()).isTrue();
        });
    }

    @Test
    void receive_itemGivenBackTwice_keepsItsPlace() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(5);
            Task<Integer> first = createTask(channel.receiver().receive());
            Task<Integer> second = createTask(channel.receiver().receive());
            Task<Integer> third = createTask(channel.receiver().receive());
            turn();
            channel.sender().trySend(1);
            channel.sender().trySend(2);
            first.cancel(); // gives 1 back, to the third
            turn();
            third.cancel();
            second.cancel();
            turn();
            turn();
            List<Integer> rest = new ArrayList<>();
            channel.receiver().tryReceive().ifPresent(rest::add);
            channel.receiver().tryReceive().ifPresent(rest::add);
            assertThat(rest).isSorted();
            assertThat(first.isDone() && second.isDone() && third.isDone()).isTrue();
        });
    }

    // Shields

    @Test
    void shield_requestPendingAtEntry_waitsForTheEndOfTheShield() {
        InVirtualTime.run(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                Task<?> self = currentTask();
                if (self != null) {
                    self.cancel();
                }
                await(shielded(HOUR, () -> attempt("inside")));
                attempt("outside");
            });
            join(task);
        });
        assertThat(log).containsExactly("inside", "outside cancelled");
    }

    @Test
    void shield_switchedOnWithARequestPending_keepsItBack() {
        InVirtualTime.run(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                await(CancelScope.create().run(scope -> {
                    Task<?> self = currentTask();
                    if (self != null) {
                        self.cancel();
                    }
                    scope.shield(true);
                    attempt("inside");
                }));
                attempt("outside");
            });
            join(task);
        });
        assertThat(log).containsExactly("inside", "outside cancelled");
    }

    @Test
    void shielded_graceOverInACancelledScope_returnsFalse() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            await(scope.run(inside -> {
                try {
                    inside.cancel();
                    turn();
                } finally {
                    boolean ended = await(shielded(millis(10), () -> {
                        await(sleep(HOUR));
                    }));
                    log.add("ended " + ended);
                }
            }));
            assertThat(scope.cancelledCaught()).isTrue();
        });
        assertThat(log).containsExactly("ended false");
    }

    @Test
    void shielded_graceOverWithARequestKeptBack_deliversItOnce() {
        InVirtualTime.run(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                boolean ended = await(shielded(millis(20), () -> {
                    await(sleep(HOUR));
                }));
                log.add("ended " + ended);
                attempt("first");
                attempt("second");
            });
            turn();
            task.cancel("once");
            join(task);
        });
        assertThat(log).containsExactly("ended false", "first cancelled", "second");
    }

    // Task groups

    @Test
    void group_cancelledWithAScopeAround_theScopeStillEnds() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            boolean ended = await(scope.run(inside -> {
                await(taskGroup(group -> {
                    inside.cancel();
                    group.cancel();
                    await(sleep(HOUR));
                }));
                log.add("not reached");
            }));
            assertThat(ended).isFalse();
            assertThat(scope.cancelledCaught()).isTrue();
        });
        assertThat(log).isEmpty();
    }

    @Test
    void daemon_createdWhileDaemonsAreCancelled_endsToo() {
        InVirtualTime.run(() -> {
            await(timeout(HOUR, () -> {
                await(taskGroup(group -> {
                    group.createDaemon(() -> {
                        try {
                            await(sleep(HOUR.multipliedBy(2)));
                        } finally {
                            group.createDaemon(() -> {
                                await(sleep(HOUR.multipliedBy(2)));
                            });
                        }
                    });
                    turn();
                }));
            }));
        });
    }

    @Test
    void firstSuccess_failureAfterItWhileTheBodyRuns_isReported() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            await(TaskGroup.create(GroupOptions.joining(JoinPolicy.FIRST_SUCCESS))
                    .run(group -> {
                        group.createTask(async(() -> 1));
                        group.createTask(InVirtualTime.failingAfter(millis(1), new IllegalStateException("late")));
                        await(sleep(millis(5)));
                    }));
        });
        assertThat(logger.messagesWith("failed after another one had succeeded"))
                .hasSize(1);
    }

    @Test
    void start_cancelledInTheIterationOfStarted_keepsTheValue() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                Future<Integer> go = asyncio.Asyncio.getRunningLoop().createFuture();
                Task<@Nullable Void> starter = createTask(() -> {
                    int port = await(group.start((TaskStatus<Integer> status) -> {
                        status.started(await(go));
                    }));
                    log.add("port " + port);
                    attempt("next");
                });
                turn();
                turn();
                go.setResult(80);
                turn(); // started, but the starter has not run
                starter.cancel();
                join(starter);
            }));
        });
        assertThat(log).containsExactly("port 80", "next cancelled");
    }

    @Test
    void race_sameCoroutineTwice_runsOnce() {
        InVirtualTime.run(() -> {
            Coroutine<Integer> contender = async(() -> 5);
            assertThat(await(race(contender, contender))).isEqualTo(5);
        });
    }

    // Threads

    @Test
    void toThread_awaitedInACancelledScope_isCancelledWhenTheThreadHasEnded() {
        asyncio.Asyncio.run(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            CancelScope scope = CancelScope.create();
            Task<Boolean> task = createTask(scope.run(inside -> {
                await(toThread(
                        () -> {
                            begun.countDown();
                            new CountDownLatch(1).await();
                        },
                        ThreadOptions.DEFAULT.awaited(true).interruptible(true)));
            }));
            await(toThread(() -> begun.await()));
            scope.cancel();
            assertThat(await(task)).isFalse();
            assertThat(scope.cancelledCaught()).isTrue();
        });
    }

    // Wait queues

    @Test
    void parkInAny_badArguments_areRefusedAndNothingIsLeftInTheLines() {
        InVirtualTime.run(() -> {
            WaitQueue line = new WaitQueue(WaitKind.EVENT, "a test");
            assertThatThrownBy(() -> WaitQueue.parkInAny(List.of(line, line), List.of(() -> false)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2 lines and 1 requests");
            assertThatThrownBy(() -> WaitQueue.parkInAny(List.of(), List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(line.isEmpty()).isTrue();
        });
    }
}
