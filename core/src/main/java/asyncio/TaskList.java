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
     * A doubly linked list through the tasks themselves: no allocation, constant time. Newest first. A removed task lets
     * go of its neighbours, so that holding one finished task holds no other; a reader on another thread who stands on
     * one starts again from the head.
     */
    private static final int MAX_RESTARTS = 1_000; // after which a reader on another thread takes what it has

    private volatile @Nullable Task<?> head;
    private int count;

    void add(Task<?> task) {
        Task<?> first = head;
        task.next = first;
        task.unlinked = false;
        if (first != null) {
            first.previous = task;
        }
        head = task;
        count++;
    }

    void remove(Task<?> task) {
        Task<?> before = task.previous;
        Task<?> after = task.next;
        if (task.unlinked) {
            return;
        }
        if (before != null) {
            before.next = after;
        } else {
            head = after;
        }
        if (after != null) {
            after.previous = before;
        }
        task.previous = null;
        task.next = null;
        task.unlinked = true;
        count--;
    }

    int size() {
        return count;
    }

    /// The tasks that are not done, oldest first.
    List<Task<?>> snapshot() {
        List<Task<?>> tasks = new ArrayList<>();
        for (int restarts = 0; !collect(tasks) && restarts < MAX_RESTARTS; restarts++) {
            tasks.clear();
        }
        return tasks.reversed();
    }

    /// Walks the list once; false if it was cut under the reader's feet.
    private boolean collect(List<Task<?>> tasks) {
        Task<?> last = null;
        for (Task<?> task = head; task != null; task = task.next) {
            if (!task.isDone()) {
                tasks.add(task);
            }
            last = task;
        }
        return last == null || !last.unlinked;
    }
}
