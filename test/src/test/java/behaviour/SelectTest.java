package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.sync.Select.onDone;
import static asyncio.sync.Select.onGet;
import static asyncio.sync.Select.onPut;
import static asyncio.sync.Select.onReceive;
import static asyncio.sync.Select.onSend;
import static asyncio.sync.Select.onTimeout;
import static asyncio.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Future;
import asyncio.Task;
import asyncio.sync.BrokenChannelException;
import asyncio.sync.Channel;
import asyncio.sync.ChannelEndedException;
import asyncio.sync.Clause;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.sync.Select;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The first of several things: exactly one takes effect.
class SelectTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void select_severalPossible_firstInOrderAndOnlyThat() {
        InVirtualTime.run(() -> {
            Channel<Integer> left = Channel.open(1);
            Channel<Integer> right = Channel.open(1);
            left.sender().trySend(1);
            right.sender().trySend(2);
            for (int i = 0; i < 2; i++) {
                String what = await(select(
                        onReceive(right.receiver(), item -> "right " + item),
                        onReceive(left.receiver(), item -> "left " + item)));
                assertThat(what).isEqualTo(i == 0 ? "right 2" : "left 1");
            }
        });
    }

    @Test
    void select_waits_firstWakeUpWinsAndTheOthersAreLeftAlone() {
        InVirtualTime.run(() -> {
            Channel<Integer> in = Channel.open(0);
            Channel<Integer> out = Channel.open(0);
            Future<String> future = getRunningLoop().createFuture();
            Task<String> choice = createTask(select(
                    onReceive(in.receiver(), item -> "received " + item),
                    onSend(out.sender(), 7, () -> "sent"),
                    onDone(future, value -> "done " + value),
                    onTimeout(SECOND, () -> "timeout")));
            turn();
            assertThat(in.statistics().waitingReceiverCount()).isEqualTo(1);
            assertThat(out.statistics().waitingSenderCount()).isEqualTo(1);
            assertThat(in.sender().trySend(1)).isTrue();
            assertThat(out.statistics().waitingSenderCount()).as("left at once").isZero();
            assertThat(out.receiver().tryReceive()).isEmpty();
            future.setResult("x");
            assertThat(await(choice)).isEqualTo("received 1");
        });
    }

    @Test
    void select_eachKind_canWin() {
        InVirtualTime.run(() -> {
            for (int winner = 0; winner < 6; winner++) {
                Channel<Integer> in = Channel.open(0);
                Channel<Integer> out = Channel.open(0);
                Queue<Integer> source = new Queue<>();
                Queue<Integer> sink = new Queue<>(1);
                sink.tryPut(0);
                Future<Integer> future = getRunningLoop().createFuture();
                Task<Integer> choice = createTask(select(
                        onReceive(in.receiver(), item -> item),
                        onSend(out.sender(), 7, () -> 1),
                        onGet(source, item -> item),
                        onPut(sink, 8, () -> 3),
                        onDone(future, value -> value),
                        onTimeout(SECOND, () -> 5)));
                turn();
                switch (winner) {
                    case 0 -> in.sender().trySend(0);
                    case 1 -> assertThat(out.receiver().tryReceive()).contains(7);
                    case 2 -> source.tryPut(2);
                    case 3 -> assertThat(sink.tryGet()).contains(0);
                    case 4 -> future.setResult(4);
                    default -> {}
                }
                assertThat(await(choice)).isEqualTo(winner);
                assertThat(sink.tryGet()).contains(winner == 3 ? 8 : 0);
                assertThat(future.cancel()).isEqualTo(winner != 4);
            }
        });
    }

    @Test
    void select_bothSidesChoose_meet() {
        InVirtualTime.run(() -> {
            Channel<Integer> there = Channel.open(0);
            Channel<Integer> back = Channel.open(0);
            Task<String> one = createTask(select(
                    onReceive(back.receiver(), item -> "one got " + item),
                    onSend(there.sender(), 1, () -> "one sent")));
            Task<String> two = createTask(select(
                    onReceive(there.receiver(), item -> "two got " + item),
                    onSend(back.sender(), 2, () -> "two sent")));
            assertThat(await(one) + ", " + await(two)).isEqualTo("one sent, two got 1");
        });
    }

    @Test
    void select_itsOwnSend_isNotWhatItReceives() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<Integer> choice = createTask(select(
                    onSend(channel.sender(), 1, () -> 0),
                    onReceive(channel.receiver(), item -> item),
                    onTimeout(SECOND, () -> -1)));
            assertThat(await(choice)).isEqualTo(-1);
        });
    }

    @Test
    void onTimeout_zero_isForWhenNothingElseIsPossible() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(1);
            assertThat(await(select(onReceive(channel.receiver(), item -> item), onTimeout(Duration.ZERO, () -> -1))))
                    .isEqualTo(-1);
            channel.sender().trySend(1);
            assertThat(await(select(onReceive(channel.receiver(), item -> item), onTimeout(Duration.ZERO, () -> -1))))
                    .isEqualTo(1);
        });
    }

    @Test
    void onReceive_endedChannel_isPossible() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<Integer> waiting = createTask(select(onReceive(channel.receiver(), item -> item, () -> -1)));
            turn();
            channel.sender().close();
            assertThat(await(waiting)).isEqualTo(-1);
            assertThatThrownBy(() -> await(select(onReceive(channel.receiver(), item -> item))))
                    .isInstanceOf(ChannelEndedException.class);
        });
    }

    @Test
    void clauses_ofWhatIsOver_throw() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<Integer> sends = createTask(select(onSend(channel.sender(), 1, () -> 1)));
            turn();
            channel.receiver().close();
            assertThatThrownBy(() -> await(sends)).isInstanceOf(BrokenChannelException.class);
            Queue<Integer> queue = new Queue<>(1);
            Task<Integer> gets = createTask(select(onGet(queue, item -> item)));
            turn();
            queue.shutdown();
            assertThatThrownBy(() -> await(gets)).isInstanceOf(QueueShutDownException.class);
            assertThatThrownBy(() -> await(select(onPut(queue, 1, () -> {}))))
                    .isInstanceOf(QueueShutDownException.class);
            Channel<Integer> other = Channel.open(0);
            Task<Integer> receives = createTask(select(onReceive(other.receiver(), item -> item)));
            turn();
            other.receiver().close();
            assertThatThrownBy(() -> await(receives))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("receiver is closed");
        });
    }

    @Test
    void onDone_failedFuture_throwsItsFailure() {
        InVirtualTime.run(() -> {
            Future<Integer> future = getRunningLoop().createFuture();
            Task<Integer> choice = createTask(select(onDone(future, value -> value)));
            turn();
            future.setException(new IOException("lost"));
            assertThatThrownBy(() -> await(choice)).isInstanceOf(IOException.class);
        });
    }

    @Test
    void body_fails_choiceFailsAndTheItemIsTaken() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(1);
            channel.sender().trySend(1);
            assertThatThrownBy(() -> await(select(onReceive(channel.receiver(), item -> {
                        throw new IOException("item " + item);
                    }))))
                    .isInstanceOf(IOException.class);
            assertThat(channel.receiver().tryReceive()).isEmpty();
        });
    }

    @Test
    void body_mayAwait() {
        InVirtualTime.run(() -> {
            assertThat(await(select(onTimeout(SECOND, () -> await(sleep(SECOND, 3))))))
                    .isEqualTo(3);
        });
    }

    @Test
    void onGet_itemStolenAfterTheWakeUp_waitsAgain() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>();
            Task<Integer> choice = createTask(select(onGet(queue, item -> item), onTimeout(SECOND, () -> -1)));
            turn();
            queue.tryPut(1);
            assertThat(queue.tryGet()).contains(1);
            turn();
            queue.tryPut(2);
            assertThat(await(choice)).isEqualTo(2);
        });
    }

    /// The wake-up of a getter is not spent on a choice that takes something else.
    @Test
    void onGet_wokenWhileAnotherIsPossible_takesTheItem() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>();
            Channel<Integer> channel = Channel.open(1);
            Task<String> choice = createTask(
                    select(onReceive(channel.receiver(), item -> "channel"), onGet(queue, item -> "queue " + item)));
            Task<Integer> getter = createTask(queue.get());
            turn();
            queue.tryPut(1);
            channel.sender().trySend(9);
            queue.tryPut(2);
            assertThat(await(choice)).isEqualTo("queue 1");
            assertThat(await(getter)).isEqualTo(2);
        });
    }

    @Test
    void inTurns_allAlwaysPossible_noneStarves() {
        InVirtualTime.run(() -> {
            Queue<Integer> first = new Queue<>();
            Queue<Integer> second = new Queue<>();
            Queue<Integer> third = new Queue<>();
            for (int i = 0; i < 9; i++) {
                List.of(first, second, third).forEach(queue -> queue.tryPut(0));
            }
            Select turns = Select.inTurns();
            List<Clause<Integer>> clauses =
                    List.of(onGet(first, item -> 1), onGet(second, item -> 2), onGet(third, item -> 3));
            List<Integer> chosen = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                chosen.add(await(turns.next(clauses.get(0), clauses.get(1), clauses.get(2))));
            }
            assertThat(chosen).containsExactly(1, 2, 3, 1, 2, 3, 1);
        });
    }

    @Test
    void select_withoutClauses_isRefused() {
        List<Clause<Integer>> none = List.of();
        assertThatThrownBy(() -> select(none)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onDone_futureOfAnotherLoop_isRefused() {
        List<Future<Integer>> foreign = new ArrayList<>();
        InVirtualTime.run(() -> {
            foreign.add(getRunningLoop().createFuture());
        });
        InVirtualTime.run(() -> {
            Clause<Integer> timeout = onTimeout(SECOND, () -> -1);
            assertThatThrownBy(() -> await(select(timeout, onDone(foreign.getFirst(), value -> value))))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }
}
