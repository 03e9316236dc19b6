package asyncio;

import java.util.Collection;
import java.util.List;

/// A relay for one future or task.
///
/// Threads: loop-confined.
final class SimpleRelay extends Relay {
    private final Future<?> target;
    private final Runnable action;

    SimpleRelay(Future<?> target, Runnable action) {
        this.target = target;
        this.action = action;
    }

    @Override
    Collection<? extends Future<?>> targets() {
        return List.of(target);
    }

    @Override
    protected void run() {
        action.run();
    }
}
