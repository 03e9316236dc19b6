package asyncio;

/// Tells the exception handler of a failure of a shielded future whose caller has gone.
///
/// Threads: loop-confined.
final class OrphanReport extends Step {
    private final Future<?> inner;

    OrphanReport(Future<?> inner) {
        super(inner.loop(), inner instanceof Task<?> task ? task.context() : new Context());
        this.inner = inner;
    }

    @Override
    protected void run() {
        Throwable failure = inner.retrieveFailure();
        if (failure != null) {
            loop.callExceptionHandler(
                    ExceptionContext.of(failure.getClass().getSimpleName() + " exception in shielded future", failure)
                            .withFuture(inner));
        }
    }
}
