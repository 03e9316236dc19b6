package asyncio.fiber;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A source of jobs without timers, inbox or poller: one batch that lasts until the queue is empty.
final class JobQueue implements JobSource {
    private final Deque<Job> jobs = new ArrayDeque<>();
    final List<Throwable> crashes = new ArrayList<>();

    void add(Job job) {
        jobs.add(job);
    }

    /// Adds a job that runs code.
    Job add(Runnable code) {
        Job job = new Job() {
            @Override
            protected void run() {
                code.run();
            }
        };
        add(job);
        return job;
    }

    /// A job that runs on any stack.
    void addBare(Runnable code) {
        add(new Job() {
            @Override
            protected void run() {
                code.run();
            }

            @Override
            protected boolean isBare() {
                return true;
            }
        });
    }

    /// Suspends the calling job until everything that is queued now has run.
    void yieldTurn() {
        Fiber fiber = Fiber.current();
        if (fiber == null || fiber.owner() == null) {
            throw new AssertionError("not on a fiber");
        }
        Job job = fiber.owner();
        job.continueOn(fiber);
        fiber.suspend(() -> {
            add(job);
            return null;
        });
    }

    @Override
    public @Nullable Job next() {
        return jobs.poll();
    }

    @Override
    public @Nullable Job nextFresh() {
        Job head = jobs.peek();
        return head == null || head.fiber() != null ? null : jobs.poll();
    }

    @Override
    public boolean turn() {
        return false;
    }

    @Override
    public void crashed(Throwable failure) {
        crashes.add(failure);
    }
}
