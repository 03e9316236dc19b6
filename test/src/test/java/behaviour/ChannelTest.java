package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Task;
import asyncio.sync.BrokenChannelException;
import asyncio.sync.Channel;
import asyncio.sync.ChannelEndedException;
import asyncio.sync.ChannelStatistics;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Channels: hand-over, ends, breaks, closed halves, cancellation in the same iteration.
class ChannelTest {
    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void open_negativeCapacity_isRefused() {
        assertThatThrownBy(() -> Channel.open(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got -1");
    }

    @Test
    void send_capacityZero_waitsUntilTheItemIsReceived() {
        InVirtualTime.run(() -> {
            Channel<String> channel = Channel.open(0);
            assertThat(channel.sender().trySend("x")).isFalse();
            Task<@Nullable Void> send = createTask(channel.sender().send("a"));
            turn();
            assertThat(send.isDone()).isFalse();
            assertThat(channel.statistics()).isEqualTo(new ChannelStatistics(0, 0, 1, 1, 1, 0));
            assertThat(channel.receiver().tryReceive()).contains("a");
            await(send);
            assertThat(channel.receiver().tryReceive()).isEmpty();
        });
    }

    @Test
    void send_receiverWaits_doesNotSuspend() {
        InVirtualTime.run(() -> {
            Channel<String> channel = Channel.open(0);
            Task<String> receive = createTask(channel.receiver().receive());
            turn();
            assertThat(channel.statistics().waitingReceiverCount()).isEqualTo(1);
            assertThat(channel.sender().trySend("a")).isTrue();
            assertThat(channel.sender().trySend("b")).isFalse();
            assertThat(await(receive)).isEqualTo("a");
        });
    }

    @Test
    void send_full_waitsAndKeepsTheOrder() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(2);
            List<Task<@Nullable Void>> sends = new ArrayList<>();
            for (int item = 1; item <= 5; item++) {
                sends.add(createTask(channel.sender().send(item)));
            }
            turn();
            assertThat(channel.statistics().bufferedCount()).isEqualTo(2);
            assertThat(channel.statistics().waitingSenderCount()).isEqualTo(3);
            for (int item = 1; item <= 5; item++) {
                assertThat(await(channel.receiver().receive())).isEqualTo(item);
            }
            for (Task<@Nullable Void> send : sends) {
                await(send);
            }
        });
    }

    @Test
    void close_lastSender_receiversDrainAndThenTheChannelEnds() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(5);
            Sender<Integer> copy = channel.sender().copy();
            channel.sender().trySend(1);
            channel.sender().close();
            channel.sender().close();
            assertThat(channel.statistics().openSenderCount()).isEqualTo(1);
            copy.trySend(2);
            copy.close();
            assertThat(await(channel.receiver().receive())).isEqualTo(1);
            assertThat(channel.receiver().tryReceive()).contains(2);
            assertThatThrownBy(() -> channel.receiver().tryReceive()).isInstanceOf(ChannelEndedException.class);
            assertThatThrownBy(() -> await(channel.receiver().receive()))
                    .isInstanceOf(ChannelEndedException.class)
                    .hasMessageContaining("all senders of <Channel capacity=5 buffered=0 senders=0 receivers=1>");
        });
    }

    @Test
    void close_lastSender_endsWaitingReceivers() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<Integer> receive = createTask(channel.receiver().receive());
            turn();
            channel.sender().close();
            assertThatThrownBy(() -> await(receive)).isInstanceOf(ChannelEndedException.class);
        });
    }

    @Test
    void forLoop_manyProducers_endsWithTheLast() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(1);
            for (int i = 0; i < 10; i++) {
                int first = i * 10;
                Sender<Integer> out = channel.sender().copy();
                createTask(() -> {
                    try (out) {
                        for (int item = first; item < first + 10; item++) {
                            await(out.send(item));
                        }
                    }
                });
            }
            channel.sender().close();
            List<Integer> got = new ArrayList<>();
            for (int item : channel.receiver()) {
                got.add(item);
            }
            assertThat(got).hasSize(100).doesNotHaveDuplicates();
        });
    }

    @Test
    void close_lastReceiver_breaksTheChannelAndTellsWhatWasNotDelivered() {
        InVirtualTime.run(() -> {
            List<Integer> undelivered = new ArrayList<>();
            Channel<Integer> channel = Channel.open(2, undelivered::add);
            Receiver<Integer> copy = channel.receiver().copy();
            List.of(1, 2).forEach(channel.sender()::trySend);
            Task<@Nullable Void> send = createTask(channel.sender().send(3));
            turn();
            channel.receiver().close();
            assertThat(undelivered).isEmpty();
            copy.close();
            assertThat(undelivered).containsExactly(1, 2);
            assertThatThrownBy(() -> await(send)).isInstanceOf(BrokenChannelException.class);
            assertThatThrownBy(() -> channel.sender().trySend(4)).isInstanceOf(BrokenChannelException.class);
            assertThatThrownBy(() -> await(channel.sender().send(4))).isInstanceOf(BrokenChannelException.class);
        });
    }

    @Test
    void onUndelivered_fails_handlerIsToldAndTheOthersFollow() {
        RecordingLogger logger = new RecordingLogger();
        List<Integer> undelivered = new ArrayList<>();
        InVirtualTime.run(logger, () -> {
            Channel<Integer> channel = Channel.open(2, item -> {
                undelivered.add(item);
                throw new IllegalArgumentException("no");
            });
            List.of(1, 2).forEach(channel.sender()::trySend);
            channel.receiver().close();
        });
        assertThat(undelivered).containsExactly(1, 2);
        assertThat(logger.messagesWith("onUndelivered")).hasSize(2);
    }

    @Test
    void closedHalf_everyUse_isRefused() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(1);
            channel.sender().close();
            channel.receiver().close();
            assertThat(channel.sender().isClosed() && channel.receiver().isClosed())
                    .isTrue();
            assertThatThrownBy(() -> channel.sender().trySend(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sender is closed: cannot trySend");
            assertThatThrownBy(() -> await(channel.sender().send(1))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> channel.sender().copy()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> channel.receiver().tryReceive())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("receiver is closed: cannot tryReceive");
            assertThatThrownBy(() -> await(channel.receiver().receive())).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> channel.receiver().copy()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> channel.receiver().iterator().hasNext()).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void close_ownHalfWhileATaskWaits_thatTaskIsTold() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Sender<Integer> other = channel.sender().copy();
            Task<@Nullable Void> mine = createTask(other.send(1));
            Task<@Nullable Void> its = createTask(channel.sender().send(2));
            turn();
            other.close();
            assertThatThrownBy(() -> await(mine))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sender is closed: cannot send: this half was closed while a task waited in");
            assertThat(await(channel.receiver().receive())).isEqualTo(2);
            await(its);

            Receiver<Integer> copy = channel.receiver().copy();
            Task<Integer> receive = createTask(copy.receive());
            turn();
            copy.close();
            assertThatThrownBy(() -> await(receive))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("this half was closed while a task waited");
        });
    }

    // Cancellation in the same iteration

    @Test
    void cancel_receiverThatWasGivenAnItem_nextReceiverGetsIt() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<Integer> first = createTask(channel.receiver().receive());
            Task<Integer> second = createTask(channel.receiver().receive());
            turn();
            channel.sender().trySend(1);
            first.cancel();
            assertThat(await(second)).isEqualTo(1);
            assertThat(first.isCancelled()).isTrue();
        });
    }

    @Test
    void cancel_severalReceivers_itemsComeBackInOrderBeforeTheOthers() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(3);
            List<Task<Integer>> receivers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                receivers.add(createTask(channel.receiver().receive()));
            }
            turn();
            for (int item = 1; item <= 5; item++) {
                assertThat(channel.sender().trySend(item)).isTrue();
            }
            receivers.reversed().forEach(Task::cancel);
            turn();
            assertThat(channel.statistics().bufferedCount()).isEqualTo(5);
            assertThat(channel.sender().trySend(6)).isFalse();
            for (int item = 1; item <= 5; item++) {
                assertThat(channel.receiver().tryReceive()).contains(item);
            }
        });
    }

    @Test
    void cancel_receiverAfterTheLastHalfWasClosed_itemIsUndelivered() {
        InVirtualTime.run(() -> {
            List<Integer> undelivered = new ArrayList<>();
            Channel<Integer> channel = Channel.open(0, undelivered::add);
            Task<Integer> receive = createTask(channel.receiver().receive());
            turn();
            channel.sender().trySend(1);
            channel.receiver().close();
            receive.cancel();
            turn();
            assertThat(undelivered).containsExactly(1);
        });
    }

    @Test
    void close_receiverThatWasGivenAnItem_getsIt() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<Integer> receive = createTask(channel.receiver().receive());
            turn();
            channel.sender().trySend(1);
            channel.receiver().close();
            assertThat(await(receive)).isEqualTo(1);
        });
    }

    @Test
    void cancel_waitingSender_itemIsNotSent() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            Task<@Nullable Void> send = createTask(channel.sender().send(1));
            turn();
            send.cancel();
            assertThat(channel.receiver().tryReceive()).isEmpty();
            turn();
            assertThat(send.isCancelled()).isTrue();
        });
    }

    @Test
    void cancel_senderWhoseItemWasTaken_sendReturnsAndTheNextSuspensionIsCancelled() {
        InVirtualTime.run(() -> {
            Channel<Integer> channel = Channel.open(0);
            List<String> log = new ArrayList<>();
            Task<@Nullable Void> send = createTask(() -> {
                await(channel.sender().send(1));
                log.add("sent");
                try {
                    await(sleep(Duration.ofHours(1)));
                } catch (CancelledError e) {
                    log.add("cancelled: " + e.getMessage());
                    throw e;
                }
            });
            turn();
            assertThat(channel.receiver().tryReceive()).contains(1);
            send.cancel("enough");
            assertThatThrownBy(() -> await(send)).isInstanceOf(CancelledError.class);
            assertThat(send.cancelling()).isEqualTo(1);
            assertThat(log).containsExactly("sent", "cancelled: enough");
        });
    }

    @Test
    void receive_onAnotherLoop_isRefused() {
        Channel<Integer> channel = Channel.open(0);
        InVirtualTime.run(() -> {
            Task<Integer> receive = createTask(channel.receiver().receive());
            turn();
            channel.sender().trySend(1);
            await(receive);
        });
        InVirtualTime.run(
                () -> assertThatThrownBy(() -> await(channel.receiver().receive()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is bound to a different event loop"));
    }
}
