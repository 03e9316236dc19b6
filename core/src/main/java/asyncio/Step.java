package asyncio;

import asyncio.fiber.Job;
import org.jspecify.annotations.Nullable;

/// A job that runs user code: on a fiber, in a context.
///
/// Threads: loop-confined.
abstract class Step extends Job {
    final EventLoop loop;
    Context context; // in force while this runs

    Step(EventLoop loop, Context context) {
        this.loop = loop;
        this.context = context;
    }

    /// The task whose step this is; null for a callback.
    @Nullable
    Task<?> task() {
        return null;
    }
}
