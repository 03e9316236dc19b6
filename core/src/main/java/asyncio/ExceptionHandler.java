package asyncio;

/// Is told of failures that reach nobody else: of callbacks, and of futures that nobody looked at.
@FunctionalInterface
public interface ExceptionHandler {
    /// Called on the loop, in the context of the task or callback that failed. What it throws is
    /// logged.
    ///
    /// @param loop the loop
    /// @param context what happened
    /// @throws Exception whatever it fails with
    void handle(EventLoop loop, ExceptionContext context) throws Exception;
}
