package asyncio.loop;

import asyncio.fiber.Job;
import asyncio.structure.TimerNode;

/// A deadline after which a job becomes ready.
///
/// Threads: loop-confined.
public final class Timer extends TimerNode {
    private final Job job;

    /// A timer that is not armed yet.
    ///
    /// @param job what becomes ready
    public Timer(Job job) {
        this.job = job;
    }

    /// What becomes ready.
    ///
    /// @return the job
    public Job job() {
        return job;
    }
}
