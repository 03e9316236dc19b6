package asyncio;

/// Which children a task group waits for, once its body has ended. The others are cancelled then,
/// and waited for. Daemons do not count.
///
/// Threads: immutable.
public enum JoinPolicy {
    /// All of them: as asyncio's task group.
    ALL,
    /// The first that ends, whether it succeeds, fails or is cancelled. Its failure, and those before
    /// the group's end, are the group's.
    ANY,
    /// The first that succeeds. Failures before it do not end the group, and are forgotten when a
    /// child succeeds; if none does, the group throws them all. A child that fails after another one
    /// succeeded, while it is being cancelled, is told to the exception handler.
    FIRST_SUCCESS;

    boolean isMetBy(Task<?> ended) {
        return switch (this) {
            case ALL -> false;
            case ANY -> true;
            case FIRST_SUCCESS -> ended.state() == Future.State.FINISHED;
        };
    }
}
