package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.sync.BrokenChannelException;
import asyncio.sync.Channel;
import asyncio.sync.ChannelEndedException;
import asyncio.sync.LifoQueue;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.sync.ThreadsafeQueue;
import asyncio.sync.ThreadsafeReceiver;
import asyncio.sync.ThreadsafeSender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Queues and channels as plain threads see them.
class ThreadsafeQueueTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int THREADS = 4;
    private static final int ITEMS = 250; // of each thread

    /// A thread that fails the test if its code does.
    private static final class Worker {
        private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        private final Thread thread;

        Worker(Code code) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    code.run();
                    end.complete(null);
                } catch (Throwable e) {
                    end.completeExceptionally(e);
                }
            });
        }

        interface Code {
            void run() throws Exception;
        }
    }

    private static List<Integer> all() {
        return IntStream.range(0, THREADS * ITEMS).boxed().toList();
    }

    @Test
    void put_manyThreads_tasksGetEachItemOnceWithinTheLimit() {
        run(() -> {
            Queue<Integer> queue = new Queue<>(3);
            ThreadsafeQueue<Integer> view = queue.threadSafe();
            List<Worker> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int first = i * ITEMS;
                workers.add(new Worker(() -> {
                    for (int item = first; item < first + ITEMS; item++) {
                        view.put(item);
                    }
                }));
            }
            List<Integer> got = new ArrayList<>();
            while (got.size() < THREADS * ITEMS) {
                got.add(await(queue.get()));
                assertThat(queue.size()).isLessThanOrEqualTo(3);
            }
            for (Worker worker : workers) {
                await(worker.end);
            }
            assertThat(got).containsExactlyInAnyOrderElementsOf(all());
        });
    }

    @Test
    void get_manyThreads_eachItemIsGotOnceUntilTheEnd() {
        run(() -> {
            for (Queue<Integer> queue :
                    List.of(new Queue<Integer>(2), new PriorityQueue<Integer>(2), new LifoQueue<Integer>(2))) {
                ThreadsafeQueue<Integer> view = queue.threadSafe();
                ConcurrentLinkedQueue<Integer> got = new ConcurrentLinkedQueue<>();
                List<Worker> workers = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    workers.add(new Worker(() -> {
                        try {
                            while (true) {
                                got.add(view.get());
                            }
                        } catch (QueueShutDownException e) {
                            assertThat(e).hasMessageContaining("was shut down, and is empty");
                        }
                    }));
                }
                for (int item : all()) {
                    await(queue.put(item));
                }
                queue.shutdown();
                for (Worker worker : workers) {
                    await(worker.end);
                }
                assertThat(got).containsExactlyInAnyOrderElementsOf(all());
            }
        });
    }

    /// Whoever gives up has had no effect, and what had an effect was not given up: counted.
    @Test
    void putAndGet_interruptedCancelledOrTimedOutAnywhere_loseAndDoubleNothing() {
        run(() -> {
            for (Queue<Integer> queue :
                    List.of(new Queue<Integer>(1), new PriorityQueue<Integer>(1), new LifoQueue<Integer>(1))) {
                ThreadsafeQueue<Integer> view = queue.threadSafe();
                ConcurrentLinkedQueue<Integer> put = new ConcurrentLinkedQueue<>();
                ConcurrentLinkedQueue<Integer> got = new ConcurrentLinkedQueue<>();
                CountDownLatch over = new CountDownLatch(1);
                Worker putter = new Worker(() -> {
                    for (int item = 0; item < ITEMS; item++) {
                        if (item % 3 == 0) {
                            CompletableFuture<@Nullable Void> stage = view.putAsync(item);
                            if (item % 2 == 0 || !stage.cancel(false)) {
                                stage.join();
                                put.add(item);
                            }
                        } else if (view.put(item, item % 3 == 1 ? Duration.ofNanos(item * 500L) : LONG)) {
                            put.add(item);
                        }
                    }
                    over.countDown();
                });
                Worker getter = new Worker(() -> {
                    boolean last = false;
                    while (!last) {
                        last = over.getCount() == 0;
                        view.get(Duration.ofNanos(20_000)).ifPresent(got::add);
                    }
                    for (Optional<Integer> item = view.tryGet(); item.isPresent(); item = view.tryGet()) {
                        got.add(item.get());
                    }
                });
                await(putter.end);
                await(getter.end);
                assertThat(got).containsExactlyInAnyOrderElementsOf(put);
            }
        });
    }

    @Test
    void put_interruptedWhileItWaits_itemIsNotPutAndTheNextOneIs() {
        run(() -> {
            Queue<String> queue = new Queue<>(1);
            queue.tryPut("first");
            ThreadsafeQueue<String> view = queue.threadSafe();
            CountDownLatch begun = new CountDownLatch(1);
            Worker interrupted = new Worker(() -> {
                begun.countDown();
                assertThatThrownBy(() -> view.put("never")).isInstanceOf(InterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            await(toThread(() -> {
                begun.await();
            }));
            interrupted.thread.interrupt();
            await(interrupted.end);
            Task<@Nullable Void> next = createTask(queue.put("second"));
            assertThat(await(queue.get())).isEqualTo("first");
            await(next);
            assertThat(await(queue.get())).isEqualTo("second");
            assertThat(queue.isEmpty()).isTrue();
        });
    }

    @Test
    void tryForms_answer() {
        run(() -> {
            Queue<String> queue = new Queue<>(1);
            ThreadsafeQueue<String> view = queue.threadSafe();
            await(toThread(() -> {
                assertThat(view.tryGet()).isEmpty();
                assertThat(view.tryPut("a")).isTrue();
                assertThat(view.tryPut("b")).isFalse();
                assertThat(view.put("b", Duration.ZERO)).isFalse();
                assertThat(view.tryGet()).contains("a");
                assertThat(view.get(Duration.ZERO)).isEmpty();
            }));
            CompletableFuture<String> stage = view.getAsync();
            await(view.putAsync("c"));
            assertThat(await(stage)).isEqualTo("c");
            CompletableFuture<String> cancelled = view.getAsync();
            cancelled.cancel(false);
            await(queue.put("d"));
            assertThat(await(queue.get())).isEqualTo("d");
            assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
        });
    }

    @Test
    void blockingForms_onTheLoop_areRefusedAtOnce() {
        run(() -> {
            Channel<String> channel = Channel.open(0);
            ThreadsafeQueue<String> view = new Queue<String>().threadSafe();
            ThreadsafeSender<String> sender = channel.sender().threadSafe();
            ThreadsafeReceiver<String> receiver = channel.receiver().threadSafe();
            List<Worker.Code> blocking = List.of(
                    () -> view.put("a"),
                    () -> view.put("a", LONG),
                    () -> view.tryPut("a"),
                    () -> view.get(),
                    () -> view.get(LONG),
                    () -> view.tryGet(),
                    () -> sender.send("a"),
                    () -> sender.send("a", LONG),
                    () -> sender.trySend("a"),
                    () -> receiver.receive(),
                    () -> receiver.receive(LONG),
                    () -> receiver.tryReceive());
            for (Worker.Code code : blocking) {
                assertThatThrownBy(code::run)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("would block the thread of " + getRunningLoop());
            }
        });
    }

    @Test
    void put_loopIsClosed_isRefused() throws InterruptedException {
        List<ThreadsafeQueue<String>> views = new ArrayList<>();
        List<ThreadsafeSender<String>> senders = new ArrayList<>();
        run(() -> {
            views.add(new Queue<String>().threadSafe());
            senders.add(Channel.<String>open(1).sender().threadSafe());
        });

        assertThatThrownBy(() -> views.getFirst().put("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Event loop is closed");
        assertThatThrownBy(() -> views.getFirst().getAsync()).isInstanceOf(IllegalStateException.class);
        senders.getFirst().close();
    }

    @Test
    void get_loopEndsMeanwhile_isToldWhy() throws Exception {
        List<Worker> workers = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        run(() -> {
            Queue<String> queue = new Queue<>(1);
            ThreadsafeQueue<String> view = queue.threadSafe();
            workers.add(new Worker(() -> {
                assertThat(view.tryGet()).isEmpty();
                begun.countDown();
                assertThatThrownBy(view::get)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Event loop is closed");
            }));
            await(toThread(() -> {
                begun.await();
            }));
        });
        workers.getFirst().end.join();
    }

    @Test
    void tryPut_withoutTheViewWhileAGetterWaits_isRefusedWithAHint() {
        run(() -> {
            Queue<String> queue = new Queue<>();
            Task<String> getter = createTask(queue.get());
            await(sleep(Duration.ZERO));
            await(toThread(() -> {
                assertThatThrownBy(() -> queue.tryPut("a"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("AS201");
            }));
            getter.cancel();
        });
    }

    // Channels

    @Test
    void channel_manyThreadsOnEitherSide_endsWithTheLast() {
        run(() -> {
            for (int capacity : List.of(0, 1, 3)) {
                Channel<Integer> channel = Channel.open(capacity);
                ConcurrentLinkedQueue<Integer> received = new ConcurrentLinkedQueue<>();
                List<Worker> workers = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    int first = i * ITEMS;
                    ThreadsafeSender<Integer> out = channel.sender().copy().threadSafe();
                    workers.add(new Worker(() -> {
                        try (out) {
                            for (int item = first; item < first + ITEMS; item++) {
                                out.send(item);
                            }
                        }
                    }));
                    ThreadsafeReceiver<Integer> in = channel.receiver().copy().threadSafe();
                    workers.add(new Worker(() -> {
                        try (in) {
                            while (true) {
                                received.add(in.receive());
                            }
                        } catch (ChannelEndedException e) {
                            // as expected
                        }
                    }));
                }
                channel.sender().close();
                for (int item : channel.receiver()) {
                    received.add(item);
                }
                for (Worker worker : workers) {
                    await(worker.end);
                }
                assertThat(received).containsExactlyInAnyOrderElementsOf(all());
            }
        });
    }

    @Test
    void channel_givenUpAnywhere_losesAndDoublesNothing() {
        run(() -> {
            for (int capacity : List.of(0, 1)) {
                List<Integer> undelivered = new ArrayList<>();
                Channel<Integer> channel = Channel.open(capacity, undelivered::add);
                ThreadsafeSender<Integer> out = channel.sender().threadSafe();
                ThreadsafeReceiver<Integer> in = channel.receiver().threadSafe();
                ConcurrentLinkedQueue<Integer> sent = new ConcurrentLinkedQueue<>();
                ConcurrentLinkedQueue<Integer> received = new ConcurrentLinkedQueue<>();
                Worker sender = new Worker(() -> {
                    for (int item = 0; item < ITEMS; item++) {
                        if (out.send(item, Duration.ofNanos((item % 50) * 2_000L))) {
                            sent.add(item);
                        }
                    }
                    out.close();
                });
                Worker receiver = new Worker(() -> {
                    try {
                        while (true) {
                            in.receive(Duration.ofNanos(30_000)).ifPresent(received::add);
                        }
                    } catch (ChannelEndedException e) {
                        // as expected
                    }
                });
                await(sender.end);
                await(receiver.end);
                assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
                assertThat(undelivered).isEmpty();
            }
        });
    }

    @Test
    void channel_tryFormsStagesAndFailures_reachTheThread() {
        run(() -> {
            Channel<String> channel = Channel.open(1);
            ThreadsafeSender<String> out = channel.sender().threadSafe();
            ThreadsafeReceiver<String> in = channel.receiver().threadSafe();
            await(toThread(() -> {
                assertThat(in.tryReceive()).isEmpty();
                assertThat(out.trySend("a")).isTrue();
                assertThat(out.trySend("b")).isFalse();
                CompletableFuture<@Nullable Void> sent = out.sendAsync("b");
                assertThat(in.tryReceive()).contains("a");
                sent.join();
                assertThat(in.receiveAsync().join()).isEqualTo("b");
                in.close();
                assertThatThrownBy(() -> out.send("c")).isInstanceOf(BrokenChannelException.class);
                assertThatThrownBy(in::receive)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("receiver is closed");
            }));
        });
    }

    @Test
    void isCurrent_onlyInsideTheLoop() {
        EventLoop[] loop = new EventLoop[1];
        run(async(() -> {
            loop[0] = getRunningLoop();
            assertThat(loop[0].isCurrent()).isTrue();
            assertThat(await(toThread(() -> loop[0].isCurrent()))).isFalse();
            return 0;
        }));
        assertThat(loop[0].isCurrent()).isFalse();
    }
}
