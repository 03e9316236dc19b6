package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CapacityLimiter;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.testing.CancelSweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CapacityLimiterTest {
    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void acquire_moreThanTotal_waitsForARelease() {
        List<String> log = new ArrayList<>();
        run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(2);
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (String name : List.of("a", "b", "c", "d")) {
                tasks.add(createTask(() -> {
                    await(limiter.acquire());
                    log.add(name + " of " + limiter.borrowers().size());
                    turn();
                    limiter.release();
                }));
            }
            turn();
            assertThat(limiter.available()).isZero();
            assertThat(limiter.waitingCount()).isEqualTo(2);
            await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
            assertThat(limiter.borrowers()).isEmpty();
            assertThat(limiter.available()).isEqualTo(2);
        });
        assertThat(log).containsExactly("a of 1", "b of 2", "c of 1", "d of 2");
    }

    @Test
    void acquire_bySameBorrower_isRefused() {
        run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(3);
            await(limiter.acquire());
            assertThatThrownBy(() -> await(limiter.acquire()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already holding one of this limiter's tokens");
            assertThatThrownBy(limiter::tryAcquire).isInstanceOf(IllegalStateException.class);
            await(limiter.acquireFor("other"));
            assertThat(limiter.borrowers()).contains(currentTask(), "other").hasSize(2);
            limiter.releaseFor("other");
            limiter.release();
            assertThatThrownBy(limiter::release)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("isn't holding any of this limiter's tokens");
        });
    }

    @Test
    void setTotal_more_letsWaitingTasksGoOn_fewer_takesEffectAtRelease() {
        run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(0);
            Task<Boolean> first = createTask(limiter.acquireFor("first"));
            Task<Boolean> second = createTask(limiter.acquireFor("second"));
            turn();
            limiter.setTotal(2);
            turn();
            assertThat(first.isDone()).isTrue();
            assertThat(second.isDone()).isTrue();
            limiter.setTotal(1);
            assertThat(limiter.available()).isZero();
            limiter.releaseFor("first");
            assertThat(limiter.tryAcquireFor("third")).isFalse();
            limiter.releaseFor("second");
            assertThat(limiter.tryAcquireFor("third")).isTrue();
        });
    }

    @Test
    void borrowers_equalObjects_areTwo() {
        run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(2);
            await(limiter.acquireFor(List.of("equal")));
            await(limiter.acquireFor(new ArrayList<>(List.of("equal"))));
            assertThat(limiter.borrowers()).hasSize(2);
        });
    }

    @Test
    void total_negative_isRefused() {
        assertThatThrownBy(() -> new CapacityLimiter(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void sweep_tokensAreNeitherLostNorDoubled() {
        CancelSweep.Scenario scenario = victim -> {
            CapacityLimiter limiter = new CapacityLimiter(2);
            int[] inside = {0};
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                tasks.add(createTask(() -> {
                    await(limiter.acquire());
                    try {
                        assertThat(++inside[0]).isLessThanOrEqualTo(2);
                        turn();
                    } finally {
                        inside[0]--;
                        limiter.release();
                    }
                }));
            }
            victim.is(tasks.get(3));
            await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
            assertThat(tasks.stream().filter(Task::isCancelled).count()).isEqualTo(victim.wasCancelled() ? 1 : 0);
            assertThat(limiter.available()).isEqualTo(2);
            assertThat(limiter.waitingCount()).isZero();
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }
}
