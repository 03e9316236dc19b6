package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.sync.LifoQueue;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The three orders, iteration and the end of a queue.
class QueueOrdersTest {
    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static <T> List<T> drain(Queue<T> queue) {
        List<T> items = new ArrayList<>();
        while (!queue.isEmpty()) {
            items.add(queue.tryGet().orElseThrow());
        }
        return items;
    }

    // Orders

    @Test
    @Spec("Q-4")
    void priority_ties_firstInFirstOut() {
        PriorityQueue<String> queue = new PriorityQueue<>(0, Comparator.comparingInt(String::length));
        for (String item : List.of("ccc", "b1", "b2", "a", "b3", "b4")) {
            queue.tryPut(item);
        }

        assertThat(drain(queue)).containsExactly("a", "b1", "b2", "b3", "b4", "ccc");
    }

    @Test
    @Spec("Q-4")
    void priority_randomItems_sortedAndStable() {
        record Item(int key, int number) {}

        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            PriorityQueue<Item> queue = new PriorityQueue<>(0, Comparator.comparingInt(Item::key));
            List<Item> model = new ArrayList<>();
            for (int number = 0; number < 200; number++) {
                if (random.nextInt(3) > 0) {
                    Item item = new Item(random.nextInt(8), number);
                    queue.tryPut(item);
                    model.add(item);
                    model.sort(Comparator.comparingInt(Item::key)); // stable
                } else if (!model.isEmpty()) {
                    assertThat(queue.tryGet()).contains(model.removeFirst());
                }
            }
            assertThat(drain(queue)).isEqualTo(model);
        }
    }

    @Test
    @Spec("Q-4")
    void priority_itemThatCannotBeCompared_failsAtPutAndChangesNothing() {
        PriorityQueue<Object> queue = new PriorityQueue<>();
        assertThatThrownBy(() -> queue.tryPut(new Object())).isInstanceOf(ClassCastException.class);
        assertThatThrownBy(() -> queue.put(new Object())).isInstanceOf(ClassCastException.class);
        for (int number : List.of(5, 3, 4, 1, 2)) {
            queue.tryPut(number);
        }
        assertThatThrownBy(() -> queue.tryPut("six")).isInstanceOf(ClassCastException.class);

        assertThat(queue.size()).isEqualTo(5);
        assertThat(drain(queue)).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    @Spec("Q-4")
    void priority_waitingPutFailsToCompare_roomGoesToTheNextOne() {
        InVirtualTime.run(() -> {
            PriorityQueue<Object> queue = new PriorityQueue<>(2);
            queue.tryPut(1);
            queue.tryPut(2);
            Task<@Nullable Void> bad = createTask(queue.put("x"));
            Task<@Nullable Void> good = createTask(queue.put(3));
            turn();
            queue.tryGet();
            await(good);
            assertThatThrownBy(() -> await(bad)).isInstanceOf(ClassCastException.class);
            assertThat(drain(queue)).containsExactly(2, 3);
        });
    }

    @Test
    @Spec("Q-4")
    void lifo_latestFirst() {
        LifoQueue<Integer> queue = new LifoQueue<>(3);
        queue.tryPut(1);
        queue.tryPut(2);
        queue.tryPut(3);

        assertThat(queue.tryPut(4)).isFalse();
        assertThat(queue.limit()).isEqualTo(3);
        assertThat(queue).hasToString("<LifoQueue limit=3 size=3 tasks=3>");
        assertThat(drain(queue)).containsExactly(3, 2, 1);
    }

    // Iteration

    @Test
    void forLoop_endsAtShutdownAfterTheLastItem() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>(1);
            List<Integer> got = new ArrayList<>();
            Task<@Nullable Void> consumer = createTask(() -> {
                for (int item : queue) {
                    got.add(item);
                    queue.taskDone();
                }
            });
            for (int item = 1; item <= 5; item++) {
                await(queue.put(item));
            }
            queue.shutdown();
            await(consumer);
            await(queue.join());
            assertThat(got).containsExactly(1, 2, 3, 4, 5);
        });
    }

    @Test
    void forLoop_waitingAtShutdown_ends() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>();
            Task<Integer> consumer = createTask(() -> {
                int sum = 0;
                for (int item : queue) {
                    sum += item;
                }
                return sum;
            });
            turn();
            queue.shutdown();
            assertThat(await(consumer)).isZero();
            Iterator<Integer> iterator = queue.iterator();
            assertThat(iterator.hasNext()).isFalse();
            assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        });
    }

    @Test
    void forLoop_break_leavesTheRest() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>();
            List.of(1, 2, 3).forEach(queue::tryPut);
            for (int item : queue) {
                if (item == 2) {
                    break;
                }
            }
            assertThat(drain(queue)).containsExactly(3);
        });
    }

    // Shutdown

    @Test
    @Spec({"Q-3", "F-Q-4"})
    void shutdown_everyOperation_saysSo() {
        InVirtualTime.run(() -> {
            Queue<String> queue = new Queue<>(1);
            queue.tryPut("a");
            queue.shutdown();
            assertThat(queue.isShutDown()).isTrue();
            assertThatThrownBy(() -> queue.tryPut("b"))
                    .isInstanceOf(QueueShutDownException.class)
                    .hasMessageContaining("cannot put: <Queue limit=1 size=1 tasks=1 shutdown> was shut down");
            assertThatThrownBy(() -> await(queue.put("b"))).isInstanceOf(QueueShutDownException.class);
            assertThat(queue.tryGet()).contains("a");
            assertThatThrownBy(queue::tryGet).isInstanceOf(QueueShutDownException.class);
            assertThatThrownBy(() -> await(queue.get())).isInstanceOf(QueueShutDownException.class);
        });
    }

    @Test
    @Spec("F-Q-4")
    void shutdown_wokenPutter_isRefusedAndWokenGetterGetsItsItem() {
        InVirtualTime.run(() -> {
            Queue<String> full = new Queue<>(1);
            full.tryPut("a");
            Task<@Nullable Void> putter = createTask(full.put("b"));
            turn();
            full.tryGet(); // wakes the putter
            full.shutdown();
            assertThatThrownBy(() -> await(putter)).isInstanceOf(QueueShutDownException.class);

            Queue<String> empty = new Queue<>(1);
            Task<String> getter = createTask(empty.get());
            turn();
            empty.tryPut("c");
            empty.shutdown();
            assertThat(await(getter)).isEqualTo("c");
        });
    }

    @Test
    @Spec({"Q-3", "F-Q-5"})
    void shutdown_immediate_releasesJoinOnlyWhenNobodyIsAtWork() {
        InVirtualTime.run(() -> {
            for (Queue<Integer> queue :
                    List.of(new Queue<Integer>(), new PriorityQueue<Integer>(), new LifoQueue<Integer>())) {
                List.of(1, 2, 3).forEach(queue::tryPut);
                Task<@Nullable Void> joiner = createTask(queue.join());
                turn();
                queue.tryGet();
                queue.shutdown(true);
                turn();
                turn();
                assertThat(joiner.isDone()).isFalse();
                queue.taskDone();
                await(joiner);
                assertThat(queue.isEmpty()).isTrue();
            }
        });
    }

    @Test
    @Spec("F-Q-5")
    void shutdown_immediateWithNobodyAtWork_releasesJoin() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>();
            List.of(1, 2).forEach(queue::tryPut);
            Task<@Nullable Void> joiner = createTask(queue.join());
            turn();
            queue.shutdown(true);
            await(joiner);
        });
    }

    @Test
    @Spec("Q-2")
    void join_putAgainAfterTheEnd_waitersOfTheFirstRoundAreReleased() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>();
            queue.tryPut(1);
            Task<@Nullable Void> joiner = createTask(queue.join());
            turn();
            queue.taskDone();
            queue.tryPut(2);
            await(joiner);
            Task<@Nullable Void> second = createTask(queue.join());
            turn();
            assertThat(second.isDone()).isFalse();
            queue.taskDone();
            await(second);
        });
    }

    @Test
    void get_onAnotherLoop_isRefused() {
        Queue<Integer> queue = new Queue<>();
        InVirtualTime.run(() -> {
            Task<Integer> getter = createTask(queue.get());
            turn();
            queue.tryPut(1);
            await(getter);
        });
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(queue.get()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is bound to a different event loop");
        });
    }
}
