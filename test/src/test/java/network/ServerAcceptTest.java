package network;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.serve;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.TaskOptions;
import asyncio.VoidBody;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.sync.Event;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How a server accepts, with a listening socket that is made up, in virtual time.
@Spec("IO-4")
@ExtendWith(NothingLeft.class)
class ServerAcceptTest {
    private final RecordingLogger logger = new RecordingLogger();
    private final FakeListener listener = new FakeListener();
    private final List<Long> servedAtMillis = new ArrayList<>();

    private void inVirtualTime(VoidBody body) {
        run(body, FakeListener.options(logger));
    }

    private void note() {
        servedAtMillis.add(getRunningLoop().time().toMillis());
    }

    @Test
    void accept_manyAtOnce_takesABurstAtATime() {
        Map<Long, Integer> begunInIteration = new HashMap<>();
        inVirtualTime(() -> {
            listener.connections(50);
            ServerOptions options = ServerOptions.DEFAULT.backlog(9);
            try (Server server = await(serve(
                    stream -> begunInIteration.merge(getRunningLoop().iterationCount(), 1, Integer::sum),
                    listener,
                    options))) {
                await(sleep(Duration.ofMillis(1)));
                assertThat(listener.waiting()).isZero();
                assertThat(server.connectionCount()).isZero();
            }
        });

        assertThat(begunInIteration.values()).containsExactly(10, 10, 10, 10, 10);
    }

    @Test
    void accept_outOfDescriptors_pausesForASecondAndGoesOn() {
        inVirtualTime(() -> {
            listener.connections(1);
            listener.failure(new IOException("Too many open files"));
            listener.connections(2);
            try (Server server = await(serve(stream -> note(), listener, ServerOptions.DEFAULT))) {
                await(sleep(Duration.ofSeconds(3)));
                assertThat(server.isServing()).isTrue();
            }
        });

        assertThat(servedAtMillis).containsExactly(0L, 1000L, 1000L);
        assertThat(logger.messagesWith("socket.accept() out of system resource"))
                .hasSize(1);
        assertThat(Streams.findings(logger)).hasSize(1);
    }

    @Test
    void accept_stillOutOfDescriptors_triesEachSecond() {
        inVirtualTime(() -> {
            for (int i = 0; i < 3; i++) {
                listener.failure(new IOException("Too many open files in system"));
            }
            listener.connections(1);
            try (Server _ = await(serve(stream -> note(), listener, ServerOptions.DEFAULT))) {
                await(sleep(Duration.ofSeconds(5)));
            }
        });

        assertThat(servedAtMillis).containsExactly(3000L);
        assertThat(logger.messagesWith("socket.accept() out of system resource"))
                .hasSize(3);
    }

    @Test
    void accept_anyOtherFailure_isReportedAndTriedAgain() {
        inVirtualTime(() -> {
            listener.failure(new IOException("the cable is loose"));
            listener.connections(1);
            try (Server _ = await(serve(stream -> note(), listener, ServerOptions.DEFAULT))) {
                await(sleep(Duration.ofSeconds(2)));
            }
        });

        assertThat(servedAtMillis).containsExactly(1000L);
        assertThat(logger.messagesWith("socket.accept() failed")).hasSize(1);
    }

    @Test
    void close_duringThePause_endsIt() {
        inVirtualTime(() -> {
            listener.failure(new IOException("No buffer space available"));
            listener.connections(1);
            Server server = await(serve(stream -> note(), listener, ServerOptions.DEFAULT));
            await(sleep(Duration.ofMillis(500)));
            server.close();
            await(sleep(Duration.ofSeconds(5)));
        });

        assertThat(servedAtMillis).isEmpty();
        assertThat(listener.isOpen()).isFalse();
    }

    @Test
    void accept_atTheLimit_pausesUntilAConnectionEnds() {
        Event end = new Event();
        int[] most = {0};
        inVirtualTime(() -> {
            listener.connections(7);
            ServerOptions options = ServerOptions.DEFAULT.maxConnections(3);
            try (Server server = await(serve(
                    stream -> {
                        note();
                        await(end.awaitSet());
                        await(sleep(Duration.ofSeconds(1)));
                    },
                    listener,
                    options))) {
                await(sleep(Duration.ofSeconds(10)));
                assertThat(server.connectionCount()).isEqualTo(3);
                assertThat(listener.waiting()).isEqualTo(4);
                end.set();
                for (int i = 0; i < 50; i++) {
                    most[0] = Math.max(most[0], server.connectionCount());
                    await(sleep(Duration.ofMillis(100)));
                }
                assertThat(server.connectionCount()).isZero();
            }
        });

        assertThat(most[0]).isEqualTo(3);
        assertThat(servedAtMillis)
                .startsWith(0L, 0L, 0L)
                .hasSize(7)
                .isSortedAccordingTo(Long::compare)
                .endsWith(12_000L);
        assertThat(Collections.frequency(servedAtMillis, 11_000L)).isEqualTo(3);
    }

    @Test
    void startServing_late_acceptsNothingBefore() {
        inVirtualTime(() -> {
            listener.connections(1);
            try (Server server = await(serve(stream -> note(), listener, ServerOptions.DEFAULT.startServing(false)))) {
                await(sleep(Duration.ofSeconds(1)));
                assertThat(server.isServing()).isFalse();
                await(server.startServing());
                await(server.startServing());
                assertThat(server.isServing()).isTrue();
                await(sleep(Duration.ofSeconds(1)));
            }
        });

        assertThat(servedAtMillis).containsExactly(1000L);
    }

    @Test
    void accept_taskCannotBeMade_isReportedAndTriedAgain() {
        boolean[] broken = {true};
        inVirtualTime(() -> {
            listener.connections(2);
            getRunningLoop().setTaskFactory(new TaskFactory() {
                @Override
                public <T extends @Nullable Object> Task<T> create(
                        EventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
                    if (broken[0]) {
                        broken[0] = false;
                        throw new IllegalStateException("no task today");
                    }
                    return Task.create(loop, coroutine, options);
                }
            });
            try (Server server = await(serve(stream -> note(), listener, ServerOptions.DEFAULT))) {
                await(sleep(Duration.ofSeconds(2)));
                assertThat(server.connectionCount()).isZero();
            }
        });

        assertThat(servedAtMillis).containsExactly(1000L);
        assertThat(logger.messagesWith("socket.accept() failed")).hasSize(1);
    }

    @Test
    void handlerTask_cancelledBeforeItBegins_connectionIsClosed() {
        inVirtualTime(() -> {
            listener.connections(3);
            Server server = await(serve(stream -> note(), listener, ServerOptions.DEFAULT));
            while (server.connectionCount() == 0) {
                Streams.yieldTurns(1);
            }
            assertThat(servedAtMillis).as("accepted in this iteration").isEmpty();
            for (Task<?> task : allTasks()) {
                if (!task.equals(currentTask())) {
                    task.cancel();
                }
            }
            Streams.yieldTurns(3);
            assertThat(server.connectionCount()).isZero();
            await(server.aclose());
        });

        assertThat(servedAtMillis).isEmpty();
        assertThat(Streams.findings(logger)).isEmpty();
    }
}
