package asyncio.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Rows, F-Q-1, F-Q-3 and F-Q-6.
class QueueTest {
    private final List<String> log = new ArrayList<>();

    private Task<@Nullable Void> getter(Queue<String> queue, String name) {
        return createTask(() -> {
            log.add(name + "=" + await(queue.get()));
        });
    }

    private Task<@Nullable Void> putter(Queue<String> queue, String item) {
        return createTask(() -> {
            await(queue.put(item));
            log.add("put " + item);
        });
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void put_room_doesNotSuspend() {
        Queue<String> queue = new Queue<>(1);
        run(() -> {
            createTask(() -> {
                log.add("other");
            });
            await(queue.put("a"));
            assertThat(await(queue.get())).isEqualTo("a");
            assertThat(log).isEmpty();
        });
    }

    @Test
    void get_severalGetters_firstInFirstOut() {
        Queue<String> queue = new Queue<>();
        run(() -> {
            Task<?> first = getter(queue, "first");
            Task<?> second = getter(queue, "second");
            turn();
            queue.tryPut("a");
            queue.tryPut("b");
            await(first);
            await(second);
        });

        assertThat(log).containsExactly("first=a", "second=b");
    }

    @Test
    void cancel_wokenGetter_itemGoesToTheNextOne() {
        Queue<String> queue = new Queue<>();
        run(() -> {
            Task<?> first = getter(queue, "first");
            Task<?> second = getter(queue, "second");
            turn();
            queue.tryPut("a");
            first.cancel();
            await(second);
            assertThat(first.isCancelled()).isTrue();
        });

        assertThat(log).containsExactly("second=a");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void cancel_onlyWokenGetter_itemStays() {
        Queue<String> queue = new Queue<>();
        run(() -> {
            Task<?> getter = getter(queue, "getter");
            turn();
            queue.tryPut("a");
            getter.cancel();
            turn();
            assertThat(queue.size()).isEqualTo(1);
            assertThat(queue.tryGet()).contains("a");
        });
    }

    @Test
    void tryGet_stealsFromAWokenGetter_whoWaitsAgain() {
        Queue<String> queue = new Queue<>();
        run(() -> {
            Task<?> getter = getter(queue, "getter");
            turn();
            queue.tryPut("a");
            assertThat(queue.tryGet()).contains("a");
            turn();
            turn();
            assertThat(getter.isDone()).isFalse();
            queue.tryPut("b");
            await(getter);
        });

        assertThat(log).containsExactly("getter=b");
    }

    @Test
    void put_full_waitsForOnePlace() {
        Queue<String> queue = new Queue<>(1);
        run(() -> {
            queue.tryPut("a");
            assertThat(queue.tryPut("x")).isFalse();
            Task<?> first = putter(queue, "b");
            Task<?> second = putter(queue, "c");
            turn();
            assertThat(log).isEmpty();
            assertThat(queue.tryGet()).contains("a");
            await(first);
            turn();
            assertThat(second.isDone()).isFalse();
            assertThat(queue.tryGet()).contains("b");
            await(second);
        });

        assertThat(log).containsExactly("put b", "put c");
    }

    @Test
    void cancel_wokenPutter_placeGoesToTheNextOne() {
        Queue<String> queue = new Queue<>(1);
        run(() -> {
            queue.tryPut("a");
            Task<?> first = putter(queue, "b");
            Task<?> second = putter(queue, "c");
            turn();
            queue.tryGet();
            first.cancel();
            await(second);
        });

        assertThat(log).containsExactly("put c");
        assertThat(queue.tryGet()).contains("c");
    }

    @Test
    void join_everyItemDealtWith_ends() {
        Queue<String> queue = new Queue<>();
        run(() -> {
            await(queue.join());
            queue.tryPut("a");
            queue.tryPut("b");
            Task<?> joiner = createTask(() -> {
                await(queue.join());
            });
            queue.tryGet();
            queue.taskDone();
            turn();
            assertThat(joiner.isDone()).isFalse();
            assertThat(queue).hasToString("<Queue limit=0 size=1 tasks=1>");
            queue.tryGet();
            queue.taskDone();
            await(joiner);
        });
    }

    @Test
    void taskDone_tooOften_isRefused() {
        assertThatThrownBy(new Queue<String>()::taskDone)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("taskDone() called too many times");
    }
}
