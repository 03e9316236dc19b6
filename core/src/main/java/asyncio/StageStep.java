package asyncio;

/// Completes or cancels a stage of `java.util.concurrent`: on a fiber, because that runs what users
/// have chained to the stage.
///
/// Threads: loop-confined.
final class StageStep extends Step {
    private final Runnable action;
    private final boolean always; // also if the loop closes first: another thread waits for it

    StageStep(EventLoop loop, Runnable action, boolean always) {
        super(loop, new Context());
        this.action = action;
        this.always = always;
    }

    @Override
    protected void run() {
        try {
            action.run();
        } catch (Throwable e) {
            loop.callExceptionHandler(ExceptionContext.of("a completion stage failed to be completed", e));
        }
    }

    @Override
    protected void abandon() {
        if (always) {
            run();
        }
    }

    @Override
    public String toString() {
        return "<StageStep>";
    }
}
