package asyncio;

import java.lang.ref.ReferenceQueue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Finds failures that nobody looked at: when their future becomes garbage, or when the loop closes
/// (AS102).
///
/// Threads: loop-confined.
final class FailureTracker {
    final ReferenceQueue<Future<?>> collected = new ReferenceQueue<>();

    private final EventLoop loop;
    private final Set<Failure> unretrieved = new LinkedHashSet<>();

    FailureTracker(EventLoop loop) {
        this.loop = loop;
    }

    void add(Failure failure) {
        unretrieved.add(failure);
    }

    void remove(Failure failure) {
        unretrieved.remove(failure);
    }

    /// Called once in a while: reports what became garbage unseen, from a step of its own.
    void sweep() {
        for (Object record = collected.poll(); record != null; record = collected.poll()) {
            if (record instanceof Failure failure && unretrieved.remove(failure)) {
                loop.core.enqueue(
                        new CallbackStep(loop, failure.context, () -> loop.callExceptionHandler(report(failure))));
            }
        }
    }

    /// Reports whatever is unseen now, at once: the loop will not run again.
    void close() {
        List<Failure> left = List.copyOf(unretrieved);
        unretrieved.clear();
        for (Failure failure : left) {
            failure.context.copy().run(() -> loop.callExceptionHandler(report(failure)));
        }
    }

    private static ExceptionContext report(Failure failure) {
        String place = failure.site == null ? "" : "; it was created at " + Site.locate(failure.site);
        return ExceptionContext.of(
                        "AS102: exception of " + failure.description + " was never retrieved" + place,
                        failure.exception)
                .withFuture(failure.get());
    }
}
