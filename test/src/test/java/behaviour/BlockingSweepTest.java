package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.blocking;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CapacityLimiter;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.testing.CancelSweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// A task is cancelled at each moment around a blocking call: its thread is back, its token returned.
///
/// Virtual time would jump while a thread is away, so a task keeps the loop busy. How many moments the
/// thread is away for varies from run to run; what must hold does not.
class BlockingSweepTest {
    private static final int ORDERS = 200;

    @Test
    void blocking_cancelledAnywhere_comesBackAndReturnsItsToken() {
        CancelSweep.inOrder(BlockingSweepTest::scenario);
        CancelSweep.inRandomOrders(ORDERS, BlockingSweepTest::scenario);
    }

    @SuppressWarnings("ThreadPriorityCheck") // not a hint: the thread unmounts while it is away
    private static void scenario(CancelSweep.Victim victim) {
        CapacityLimiter limiter = new CapacityLimiter(1);
        boolean[] over = {false};
        int[] inside = {0};
        List<Task<?>> tasks = new ArrayList<>();
        Task<?> busy = createTask(() -> {
            while (!over[0]) {
                LockSupport.parkNanos(over, 100_000); // else there are thousands of moments while a thread is away
                await(sleep(Duration.ZERO));
            }
        });
        for (int i = 0; i < 3; i++) {
            Task<?> task = createTask(() -> {
                Thread self = Thread.currentThread();
                int result = await(blocking(
                        () -> {
                            assertThat(++inside[0]).isEqualTo(1); // the limiter orders them
                            Thread.yield();
                            inside[0]--;
                            return 7;
                        },
                        limiter));
                assertThat(result).isEqualTo(7);
                assertThat(Thread.currentThread()).isSameAs(self);
                assertThat(getRunningLoop().isRunning()).isTrue();
                await(sleep(Duration.ZERO));
            });
            tasks.add(i == 1 ? victim.is(task) : task);
        }
        for (Task<?> task : tasks) {
            await(waitUntil(List.of(future(task)), ReturnWhen.ALL_COMPLETED));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        over[0] = true;
        await(busy);
        assertThat(limiter.borrowers()).isEmpty();
        assertThat(limiter.available()).isEqualTo(1);
        assertThat(inside[0]).isZero();
        assertThat(tasks.stream().filter(Task::isCancelled)).hasSize(victim.wasCancelled() ? 1 : 0);
        for (Task<?> task : tasks) {
            if (!task.isCancelled()) {
                assertThat(task.exception()).isNull();
            }
        }
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static Future<Object> future(Task<?> task) {
        return (Future<Object>) task;
    }
}
