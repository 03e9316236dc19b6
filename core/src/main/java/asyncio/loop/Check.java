package asyncio.loop;

/// What debug mode and the loop itself look for; each finding is logged under its identifier.
///
/// Threads: immutable.
public enum Check {
    /// A coroutine was neither awaited nor scheduled.
    AS101("coroutine never awaited"),
    /// A future failed and nobody looked at its exception.
    AS102("exception never retrieved"),
    /// A loop was closed with work left.
    AS104("loop closed with work pending"),
    /// A cancel scope or timeout was used against its nesting.
    AS105("scope misuse"),
    /// Tasks wait for each other in a circle.
    AS109("await cycle"),
    /// A lock was released by a task that does not hold it, or a task ended with one.
    AS112("lock or permit held by the wrong task"),
    /// A loop's object was used on a thread that is not the loop's.
    AS201("wrong thread"),
    /// A future of one loop was awaited in another.
    AS202("object of another loop"),
    /// `run` was called where a loop runs already.
    AS204("nested run"),
    /// An await cannot suspend: a native frame or a class initialiser is on the stack.
    AS205("await while pinned"),
    /// A step took longer than the loop's slow-callback duration.
    AS301("slow step"),
    /// A task's first step has not yielded for long.
    AS305("never yielded"),
    /// A stream, server or socket was not closed.
    AS401("channel left open"),
    /// A callback threw.
    AS501("exception in callback");

    private final String title;

    Check(String title) {
        this.title = title;
    }

    /// A few words for what is wrong.
    ///
    /// @return the title
    public String title() {
        return title;
    }
}
