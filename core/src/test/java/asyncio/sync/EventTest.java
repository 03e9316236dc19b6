package asyncio.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Row SYNC-2.
class EventTest {
    private final Event event = new Event();

    @Test
    void awaitSet_setAlready_doesNotSuspend() {
        List<String> log = new ArrayList<>();
        run(() -> {
            createTask(() -> {
                log.add("other");
            });
            event.set();
            assertThat(await(event.awaitSet())).isTrue();
            assertThat(log).isEmpty();
        });
    }

    @Test
    void set_clearedAtOnce_wakesAllWhoWaitedInOrder() {
        List<String> log = new ArrayList<>();
        run(() -> {
            List<Task<?>> tasks = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                tasks.add(createTask(() -> {
                    await(event.awaitSet());
                    log.add(name);
                }));
            }
            await(sleep(Duration.ZERO));
            assertThat(event).hasToString("<Event unset waiters=3>");
            event.set();
            event.clear();
            for (Task<?> task : tasks) {
                await(task);
            }
        });

        assertThat(log).containsExactly("a", "b", "c");
        assertThat(event.isSet()).isFalse();
    }

    @Test
    void cancel_oneWaiter_leavesTheOthers() {
        List<String> log = new ArrayList<>();
        run(() -> {
            Task<?> first = createTask(() -> {
                await(event.awaitSet());
            });
            Task<?> second = createTask(() -> {
                await(event.awaitSet());
                log.add("second");
            });
            await(sleep(Duration.ZERO));
            first.cancel();
            await(sleep(Duration.ZERO));
            assertThat(event).hasToString("<Event unset waiters=1>");
            event.set();
            await(second);
        });

        assertThat(log).containsExactly("second");
    }
}
