package asyncio;

/// What a suspended task waits for.
///
/// Threads: immutable.
public enum WaitKind {
    /// A plain future.
    FUTURE,
    /// The end of a task.
    TASK,
    /// The end of several tasks or futures.
    GROUP,
    /// A time.
    SLEEP,
    /// A lock.
    LOCK,
    /// An event.
    EVENT,
    /// A signal of a condition.
    CONDITION,
    /// The other parties of a barrier.
    BARRIER,
    /// A permit of a semaphore.
    SEMAPHORE,
    /// An item or a free place of a queue.
    QUEUE,
    /// A thread.
    EXECUTOR,
    /// A channel, stream or socket.
    IO,
    /// The end of a child process.
    PROCESS,
    /// A signal of the operating system.
    SIGNAL,
    /// A blocking call, for which the task's own thread is away from the loop.
    BLOCKING
}
