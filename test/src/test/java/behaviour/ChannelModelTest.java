package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Task;
import asyncio.sync.BrokenChannelException;
import asyncio.sync.Channel;
import asyncio.sync.ChannelEndedException;
import asyncio.sync.ChannelStatistics;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random programs of sends, receives, cancellations and closes, beside a model of a few lines.
class ChannelModelTest {
    private static final int SEEDS = 300;
    private static final int OPERATIONS = 120;

    /// What a channel should do, if each operation has its effect at once.
    private static final class Model {
        final int capacity;
        final Deque<Integer> buffer = new ArrayDeque<>();
        final Deque<Waiting> senders = new ArrayDeque<>();
        final Deque<Waiting> receivers = new ArrayDeque<>();

        Model(int capacity) {
            this.capacity = capacity;
        }

        void send(Waiting sender) {
            if (!receivers.isEmpty()) {
                receivers.removeFirst().outcome = "received " + sender.item;
                sender.outcome = "sent";
            } else if (buffer.size() < capacity) {
                buffer.add(sender.item);
                sender.outcome = "sent";
            } else {
                senders.add(sender);
            }
        }

        void receive(Waiting receiver) {
            Integer item = buffer.pollFirst();
            Waiting sender = senders.pollFirst();
            if (sender != null) {
                sender.outcome = "sent";
                if (item == null) {
                    item = sender.item;
                } else {
                    buffer.add(sender.item);
                }
            }
            if (item == null) {
                receivers.add(receiver);
            } else {
                receiver.outcome = "received " + item;
            }
        }

        void cancel(Waiting waiting) {
            if (senders.remove(waiting) || receivers.remove(waiting)) {
                waiting.outcome = "cancelled";
            }
        }
    }

    private static final class Waiting {
        final int item;
        String outcome = "waits"; // of the model
        String seen = "waits"; // of the channel

        Waiting(int item) {
            this.item = item;
        }
    }

    private static void settle() {
        for (int i = 0; i < 3; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    @Test
    void randomPrograms_oneOperationAtATime_asTheModel() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int drawn = seed;
            InVirtualTime.run(() -> {
                int capacity = random.nextInt(4);
                Channel<Integer> channel = Channel.open(capacity);
                Model model = new Model(capacity);
                List<Waiting> all = new ArrayList<>();
                List<Task<?>> tasks = new ArrayList<>();
                for (int number = 0; number < OPERATIONS; number++) {
                    Waiting operation = new Waiting(number);
                    switch (random.nextInt(5)) {
                        case 0, 1 -> {
                            tasks.add(createTask(() -> send(channel.sender(), operation)));
                            model.send(operation);
                            all.add(operation);
                        }
                        case 2, 3 -> {
                            tasks.add(createTask(() -> receive(channel.receiver(), operation)));
                            model.receive(operation);
                            all.add(operation);
                        }
                        default -> {
                            if (!all.isEmpty()) {
                                int index = random.nextInt(all.size());
                                tasks.get(index).cancel();
                                model.cancel(all.get(index));
                            }
                        }
                    }
                    settle();
                    assertThat(all.stream().map(each -> each.item + " " + each.seen))
                            .as("seed %d, operation %d", drawn, number)
                            .containsExactlyElementsOf(all.stream()
                                    .map(each -> each.item + " " + each.outcome)
                                    .toList());
                    assertThat(channel.statistics())
                            .isEqualTo(new ChannelStatistics(
                                    capacity, model.buffer.size(), 1, 1, model.senders.size(), model.receivers.size()));
                }
                channel.sender().close();
                channel.receiver().close();
                settle();
                assertThat(tasks).allMatch(Task::isDone);
            });
        }
    }

    /// All at once, in the same iterations: the model is the balance.
    @Test
    void randomPrograms_inTheSameIterations_nothingIsLostOrDoubled() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            int drawn = seed;
            InVirtualTime.run(() -> {
                List<Integer> undelivered = new ArrayList<>();
                Channel<Integer> channel = Channel.open(random.nextInt(4), undelivered::add);
                List<Sender<Integer>> senders = new ArrayList<>(List.of(channel.sender()));
                List<Receiver<Integer>> receivers = new ArrayList<>(List.of(channel.receiver()));
                List<Waiting> sends = new ArrayList<>();
                List<Waiting> receives = new ArrayList<>();
                List<Task<?>> tasks = new ArrayList<>();
                for (int number = 0; number < OPERATIONS; number++) {
                    Waiting operation = new Waiting(number);
                    Sender<Integer> out = senders.get(random.nextInt(senders.size()));
                    Receiver<Integer> in = receivers.get(random.nextInt(receivers.size()));
                    switch (random.nextInt(16)) {
                        case 0, 1, 2, 3 -> {
                            sends.add(operation);
                            tasks.add(createTask(() -> send(out, operation)));
                        }
                        case 4, 5, 6, 7 -> {
                            receives.add(operation);
                            tasks.add(createTask(() -> receive(in, operation)));
                        }
                        case 8, 9, 10 -> {
                            if (!tasks.isEmpty()) {
                                tasks.get(random.nextInt(tasks.size())).cancel();
                            }
                        }
                        case 11 -> {
                            if (!out.isClosed()) {
                                senders.add(out.copy());
                            }
                            if (!in.isClosed()) {
                                receivers.add(in.copy());
                            }
                        }
                        case 12 -> (random.nextBoolean() ? out : in).close();
                        default -> await(sleep(Duration.ZERO));
                    }
                }
                senders.forEach(Sender::close);
                receivers.forEach(Receiver::close);
                settle();
                List<String> sent = outcomes(sends, "sent", "received ");
                List<String> got = new ArrayList<>(outcomes(receives, "received ", ""));
                undelivered.forEach(item -> got.add("received " + item));
                assertThat(got).as("seed %d", drawn).containsExactlyInAnyOrderElementsOf(sent);
                assertThat(tasks).allMatch(Task::isDone);
            });
        }
    }

    private static List<String> outcomes(List<Waiting> operations, String kind, String prefix) {
        return operations.stream()
                .filter(each -> each.seen.startsWith(kind))
                .map(each -> prefix.isEmpty() ? each.seen : prefix + each.item)
                .toList();
    }

    private static void send(Sender<Integer> half, Waiting operation) {
        try {
            await(half.send(operation.item));
            operation.seen = "sent";
        } catch (CancelledError e) {
            operation.seen = "cancelled";
        } catch (BrokenChannelException | IllegalStateException e) {
            operation.seen = "failed";
        }
    }

    private static void receive(Receiver<Integer> half, Waiting operation) {
        try {
            operation.seen = "received " + await(half.receive());
        } catch (CancelledError e) {
            operation.seen = "cancelled";
        } catch (ChannelEndedException | IllegalStateException e) {
            operation.seen = "failed";
        }
    }
}
