package asyncio;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AwaitGraphTest {
    private static void settle() {
        for (int trip = 0; trip < 3; trip++) {
            await(sleep(Duration.ZERO));
        }
    }

    /// What a task waits for, past the future that it is suspended on.
    private static List<Future<?>> awaitedBehind(Task<?> task) {
        return AwaitGraph.awaited(Objects.requireNonNull(task.waitingFor()));
    }

    @Test
    void awaited_task_isWhatItIsSuspendedOn() {
        run(() -> {
            Future<Integer> signal = getRunningLoop().createFuture();
            Task<?> task = createTask(() -> await(signal));
            assertThat(AwaitGraph.awaited(task)).isEmpty();
            settle();
            assertThat(AwaitGraph.awaited(task)).containsExactly(signal);
            assertThat(AwaitGraph.awaited(signal)).isEmpty();
            assertThat(AwaitGraph.awaiters(signal)).containsExactly(task);
            signal.setResult(1);
            assertThat(AwaitGraph.awaited(task)).isEmpty(); // it only waits for its turn
            await(task);
            assertThat(AwaitGraph.awaited(task)).isEmpty();
        });
    }

    @Test
    void awaited_gather_areTheUnfinishedChildren() {
        run(() -> {
            Future<Integer> a = getRunningLoop().createFuture();
            Future<Integer> b = getRunningLoop().createFuture();
            Future<List<Integer>> both = gather(a, b);
            assertThat(AwaitGraph.awaited(both)).containsExactly(a, b);
            assertThat(AwaitGraph.awaiters(b)).containsExactly(both);
            a.setResult(1);
            assertThat(AwaitGraph.awaited(both)).containsExactly(b);
            b.setResult(2);
            await(both);
            assertThat(AwaitGraph.awaited(both)).isEmpty();
        });
    }

    @Test
    void awaited_shield_isTheInnerFuture() {
        run(() -> {
            Future<Integer> inner = getRunningLoop().createFuture();
            Future<Integer> outer = shield(inner);
            assertThat(AwaitGraph.awaited(outer)).containsExactly(inner);
            assertThat(AwaitGraph.awaiters(inner)).containsExactly(outer);
            outer.cancel();
            settle();
            assertThat(AwaitGraph.awaited(outer)).isEmpty();
            assertThat(AwaitGraph.awaiters(inner)).isEmpty();
        });
    }

    @Test
    void awaited_waitUntilAndAsCompleted_areWhatIsNotDone() {
        run(() -> {
            Future<Integer> a = getRunningLoop().createFuture();
            Future<Integer> b = getRunningLoop().createFuture();
            Task<?> waiter = createTask(() -> await(waitUntil(List.of(a, b), ReturnWhen.ALL_COMPLETED)));
            Task<?> reader = createTask(() -> {
                for (Future<Integer> done : asCompleted(List.of(a, b)).futures()) {
                    assertThat(done.isDone()).isTrue();
                }
            });
            settle();
            assertThat(awaitedBehind(waiter)).containsExactly(a, b);
            assertThat(awaitedBehind(reader)).containsExactly(a, b);
            a.setResult(1);
            settle();
            assertThat(awaitedBehind(waiter)).containsExactly(b);
            assertThat(awaitedBehind(reader)).containsExactly(b);
            b.setResult(2);
            await(waiter);
            await(reader);
        });
    }

    @Test
    void awaited_groupThatExits_areItsChildren() {
        run(() -> {
            Future<Integer> signal = getRunningLoop().createFuture();
            List<Task<?>> children = new ArrayList<>();
            Task<?> parent = createTask(() -> {
                await(taskGroup(group -> {
                    children.add(group.createTask(() -> await(signal)));
                }));
            });
            settle();
            assertThat(awaitedBehind(parent)).isEqualTo(children);
            assertThat(AwaitGraph.awaiters(children.getFirst())).containsExactly(parent);
            signal.setResult(1);
            await(parent);
        });
    }
}
