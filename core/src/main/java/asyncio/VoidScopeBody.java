package asyncio;

/// The code inside a [CancelScope] that has no result.
@FunctionalInterface
public interface VoidScopeBody {
    /// Runs the code.
    ///
    /// @param scope the scope, which the code may cancel, shield and give a deadline
    /// @throws Exception whatever it fails with
    void run(CancelScope scope) throws Exception;
}
