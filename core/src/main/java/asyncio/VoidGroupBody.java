package asyncio;

/// The code inside a [TaskGroup] that has no result.
@FunctionalInterface
public interface VoidGroupBody {
    /// Runs the code.
    ///
    /// @param group the group, which takes children until it ends
    /// @throws Exception whatever it fails with
    void run(TaskGroup group) throws Exception;
}
