package asyncio;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tasks of a loop that are not done.
///
/// Threads: changed by the loop; [#snapshot()] may be called on any thread and is weakly consistent
/// there.
final class TaskList {
    /*
     * A doubly linked list through the tasks themselves: no allocation, constant time. A removed task keeps its `next`,
     * and no task is added twice, so that a reader on another thread who stands on a removed one still gets to the end;
     * it may miss tasks that come and go meanwhile. Newest first.
     */
    private volatile @Nullable Task<?> head;
    private int count;

    void add(Task<?> task) {
        Task<?> first = head;
        task.next = first;
        if (first != null) {
            first.previous = task;
        }
        head = task;
        count++;
    }

    void remove(Task<?> task) {
        Task<?> before = task.previous;
        Task<?> after = task.next;
        if (before != null) {
            before.next = after;
        } else if (head == task) {
            head = after;
        } else {
            return; // was removed before
        }
        if (after != null) {
            after.previous = before;
        }
        task.previous = null;
        count--;
    }

    int size() {
        return count;
    }

    /// The tasks that are not done, oldest first.
    List<Task<?>> snapshot() {
        List<Task<?>> tasks = new ArrayList<>();
        for (Task<?> task = head; task != null; task = task.next) {
            if (!task.isDone()) {
                tasks.add(task);
            }
        }
        return tasks.reversed();
    }
}
