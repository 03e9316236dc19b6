package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TaskListTest {
    private final EventLoop loop =
            EventLoop.create(LoopOptions.defaults().logger(System.getLogger("asyncio.TaskListTest")));

    private List<Task<?>> tasks(int count) {
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(loop.createTask(Asyncio.async(() -> {})));
        }
        return tasks;
    }

    private void runAll() {
        loop.callSoon(loop::stop);
        loop.runForever();
        loop.close();
    }

    @Test
    void snapshot_added_oldestFirst() {
        List<Task<?>> tasks = tasks(3);
        TaskList list = new TaskList();
        tasks.forEach(loop.tasks::remove); // a task is in one list at a time
        tasks.forEach(list::add);

        assertThat(list.snapshot()).containsExactlyElementsOf(tasks);
        assertThat(list.size()).isEqualTo(3);
        runAll();
        assertThat(list.snapshot()).as("tasks that are done").isEmpty();
    }

    @Test
    void remove_twice_countsOnce() {
        List<Task<?>> tasks = tasks(3);
        for (Task<?> gone : List.of(tasks.get(1), tasks.get(1), tasks.get(2), tasks.get(2))) {
            loop.tasks.remove(gone);
        }

        assertThat(loop.tasks.snapshot()).containsExactly(tasks.getFirst());
        assertThat(loop.tasks.size()).isEqualTo(1);
        loop.tasks.remove(tasks.getFirst());
        assertThat(loop.tasks.snapshot()).isEmpty();
        assertThat(loop.tasks.size()).isZero();
        runAll();
    }

    @Test
    void remove_anyOrder_keepsTheRestInOrder() {
        for (int seed = 0; seed < 20; seed++) {
            List<Task<?>> left = tasks(8);
            List<Task<?>> leaving = new ArrayList<>(left);
            Collections.shuffle(leaving, new Random(seed));
            for (Task<?> gone : leaving) {
                loop.tasks.remove(gone);
                left.remove(gone);
                assertThat(loop.tasks.snapshot()).as("seed %d", seed).containsExactlyElementsOf(left);
                assertThat(loop.tasks.size()).isEqualTo(left.size());
            }
        }
        runAll();
    }
}
