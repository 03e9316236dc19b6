package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Body;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.testing.Spec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Executors of every kind, and one that sends work away as those of a cluster do.
@Spec("EXE-1")
class RemoteExecutorTest {
    /// Runs each work from its serialized form, as on another JVM; returns stages or plain futures.
    private static final class Elsewhere extends AbstractExecutorService {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final boolean stages;

        Elsewhere(boolean stages) {
            this.stages = stages;
        }

        @Override
        @SuppressWarnings("unchecked") // a copy
        public <T> java.util.concurrent.Future<T> submit(Callable<T> task) {
            Callable<T> copy = (Callable<T>) copyOf(task);
            if (!stages) {
                return threads.submit(copy);
            }
            CompletableFuture<T> result = new CompletableFuture<>();
            threads.execute(() -> {
                try {
                    result.complete(copy.call());
                } catch (Throwable e) {
                    result.completeExceptionally(new CompletionException(e));
                }
            });
            return result;
        }

        private static Object copyOf(Object task) {
            try {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                    out.writeObject(task);
                }
                return new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
            } catch (IOException | ClassNotFoundException e) {
                throw new IllegalArgumentException("cannot be sent", e);
            }
        }

        @Override
        public void execute(Runnable command) {
            Runnable copy = (Runnable) copyOf(command);
            threads.execute(copy);
        }

        @Override
        public void shutdown() {
            threads.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return threads.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return threads.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return threads.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return threads.awaitTermination(timeout, unit);
        }
    }

    private record Square(int of) implements Body<Integer>, Serializable {
        @Override
        public Integer run() {
            return of * of;
        }
    }

    private record Failing(String words) implements Body<Integer>, Serializable {
        @Override
        public Integer run() throws IOException {
            throw new IOException(words);
        }
    }

    private static CountDownLatch begun = new CountDownLatch(1); // of the test that runs
    private static CountDownLatch interrupted = new CountDownLatch(1); // likewise

    private record Blocking() implements Body<Integer>, Serializable {
        @Override
        public Integer run() throws InterruptedException {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return 1;
        }
    }

    @Test
    void executorsOfTheJdk_all_runPlainAndSerializableWork() {
        for (ExecutorService each : List.of(
                Executors.newVirtualThreadPerTaskExecutor(),
                Executors.newFixedThreadPool(2),
                Executors.newSingleThreadScheduledExecutor(),
                new ForkJoinPool(2))) {
            try (each) {
                InVirtualTime.run(() -> {
                    int factor = 3;
                    assertThat(await(getRunningLoop().runInExecutor(each, () -> factor * 7)))
                            .isEqualTo(21);
                    assertThat(await(getRunningLoop().runInExecutor(each, new Square(5))))
                            .isEqualTo(25);
                });
            }
        }
    }

    @Test
    void runInExecutor_serializableWork_isSentAloneAndItsResultComesBack() {
        for (boolean stages : new boolean[] {true, false}) {
            try (Elsewhere elsewhere = new Elsewhere(stages)) {
                InVirtualTime.run(() -> {
                    assertThat(await(getRunningLoop().runInExecutor(elsewhere, new Square(12))))
                            .isEqualTo(144);
                    int factor = 6;
                    assertThat(await(getRunningLoop()
                                    .runInExecutor(elsewhere, (Body<Integer> & Serializable) () -> factor * 7)))
                            .isEqualTo(42);
                });
            }
        }
    }

    @Test
    void runInExecutor_sentWorkFails_failureComesOutBare() {
        for (boolean stages : new boolean[] {true, false}) {
            try (Elsewhere elsewhere = new Elsewhere(stages)) {
                InVirtualTime.run(() -> {
                    assertThatThrownBy(() -> await(getRunningLoop().runInExecutor(elsewhere, new Failing("disk"))))
                            .isInstanceOf(IOException.class)
                            .hasMessage("disk");
                });
            }
        }
    }

    @Test
    void cancel_sentWork_isCancelledThereWithAnInterrupt() {
        begun = new CountDownLatch(1);
        interrupted = new CountDownLatch(1);
        try (Elsewhere elsewhere = new Elsewhere(false)) {
            InVirtualTime.run(() -> {
                Future<Integer> future = getRunningLoop().runInExecutor(elsewhere, new Blocking());
                await(toThread(() -> begun.await()));
                assertThat(future.cancel("enough")).isTrue();
                await(toThread(() -> interrupted.await()));
                assertThatThrownBy(() -> await(future))
                        .isInstanceOf(CancelledError.class)
                        .hasMessage("enough");
            });
        }
    }

    @Test
    void runInExecutor_workThatCannotBeSent_isRefusedWithWhatToDo() {
        try (Elsewhere elsewhere = new Elsewhere(true)) {
            InVirtualTime.run(() -> {
                assertThatThrownBy(() -> getRunningLoop().runInExecutor(elsewhere, () -> 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("body must be Serializable for")
                        .hasMessageContaining("(Body<T> & Serializable)");
                Object notSerializable = new Object();
                Body<Integer> holds = (Body<Integer> & Serializable) () -> notSerializable.hashCode();
                assertThatThrownBy(() -> await(getRunningLoop().runInExecutor(elsewhere, holds)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("cannot be sent");
            });
        }
    }

    @Test
    void runInExecutor_shutDownElsewhere_isRejectedAtOnce() {
        Elsewhere elsewhere = new Elsewhere(true);
        elsewhere.shutdown();
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> getRunningLoop().runInExecutor(elsewhere, new Square(1)))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("was shut down");
        });
    }

    @Test
    void runInExecutor_shutDownWhileTheWorkRuns_resultStillComes() {
        try (Elsewhere elsewhere = new Elsewhere(false)) {
            InVirtualTime.run(() -> {
                begun = new CountDownLatch(1);
                interrupted = new CountDownLatch(1);
                Future<Integer> future = getRunningLoop().runInExecutor(elsewhere, new Blocking());
                await(toThread(() -> begun.await()));
                elsewhere.shutdownNow();
                assertThatThrownBy(() -> await(future)).isInstanceOf(InterruptedException.class);
            });
        }
    }
}
