package asyncio;

import asyncio.fiber.Fiber;
import asyncio.fiber.Job;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The running part of an [AsyncGenerator]: its stack, and the hand-over between it and its
/// consumer.
///
/// Threads: loop-confined.
///
/// @param <T> what is yielded
final class GeneratorFrame<T> extends Job implements Yielder<T> {
    /*
     *   NEW --next--> RUNNING --emit--> SUSPENDED --next or close--> RUNNING --body ends--> ENDED
     *   NEW --close--> ENDED
     *
     * The generator has a fiber of its own but no task: while it runs, it stands in for the consumer, whose step owns
     * both fibers. Consumer and generator hand over to each other directly, past the ready queue: asking for a value
     * that needs no wait lets nobody else run.
     */
    private enum State {
        NEW,
        SUSPENDED,
        RUNNING,
        ENDED
    }

    private final GeneratorBody<T> body;
    private State state = State.NEW;
    private @Nullable Fiber own; // the generator's stack
    private @Nullable Fiber consumer; // who asked; null while SUSPENDED
    private @Nullable TaskStep step; // the consumer's step; set while RUNNING
    private @Nullable Scope consumerScope; // the innermost scope of the consumer's code; set while RUNNING
    private @Nullable T value; // handed to the consumer
    private @Nullable Throwable failure; // handed to the consumer
    private boolean closing;
    private @Nullable GeneratorRegistry registry;

    GeneratorFrame(GeneratorBody<T> body) {
        this.body = body;
    }

    @Nullable
    T next(AsyncGenerator<T> generator) {
        ensureNotRunning();
        if (state == State.ENDED) {
            return null;
        }
        if (state == State.NEW) {
            registry = EventLoop.running().generators;
            registry.began(generator, this);
        }
        enter();
        return takeValue();
    }

    void close() {
        ensureNotRunning();
        if (state == State.NEW) {
            state = State.ENDED;
        }
        if (state == State.SUSPENDED) {
            closing = true;
            enter();
            if (takeValue() != null) {
                throw new IllegalStateException("async generator ignored GeneratorExit: " + this
                        + " yielded while it was closed; let GeneratorExit pass");
            }
        }
    }

    private void ensureNotRunning() {
        if (state == State.RUNNING) {
            throw new IllegalStateException("asynchronous generator is already running: " + this + " is waited for by "
                    + (step == null ? "another task" : step) + "; let one task read it");
        }
    }

    private @Nullable T takeValue() {
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw Sneaky.rethrow(thrown);
        }
        T taken = value;
        value = null;
        return taken;
    }

    /// On the consumer's fiber: lets the generator run until it yields or ends.
    private void enter() {
        Fiber asking = Objects.requireNonNull(Fiber.current(), "fiber");
        State before = state;
        Task<?> task = Task.required();
        step = task.step();
        consumerScope = task.scope;
        consumer = asking;
        state = State.RUNNING;
        try {
            asking.suspend(() -> {
                Fiber target = own;
                if (target == null) {
                    target = asking.engine().fresh(this);
                    own = target;
                }
                target.standInFor(asking);
                return handOver(asking, target);
            });
        } catch (Throwable e) { // the consumer could not be set aside: the generator has not moved
            state = before;
            throw e;
        }
    }

    private Fiber handOver(Fiber from, Fiber to) {
        from.passReturnTo(to);
        to.own(step);
        return to;
    }

    @Override
    public void emit(T yielded) {
        Fiber mine = Fiber.current();
        if (mine == null || mine != own || state != State.RUNNING) {
            throw new IllegalStateException("emit must be called by the generator's own code: " + this
                    + " was used outside of it or from another task");
        }
        Scope own = Task.required().scope;
        if (own != null && own != consumerScope) {
            throw Scope.emitInside(own);
        }
        if (!closing) {
            value = Objects.requireNonNull(yielded, "value must not be null: an Optional says that there is none");
        } else {
            failure = new IllegalStateException("async generator ignored GeneratorExit: " + this
                    + " yielded while it was closed; let GeneratorExit pass");
        }
        Fiber asking = Objects.requireNonNull(consumer);
        state = State.SUSPENDED;
        try {
            mine.suspend(() -> {
                consumer = null; // if the loop closes, nobody waits for us
                mine.standInFor(null);
                return handOver(mine, asking);
            });
        } catch (Throwable e) {
            state = State.RUNNING;
            value = null;
            throw e;
        }
        if (closing) {
            throw new GeneratorExit();
        }
    }

    /// On the generator's fiber: the whole body.
    @Override
    protected void run() {
        Fiber mine = Objects.requireNonNull(Fiber.current(), "fiber");
        mine.own(step);
        Throwable thrown = null;
        try {
            body.run(this);
        } catch (GeneratorExit e) {
            // The end that close() asked for.
        } catch (Throwable e) {
            thrown = e;
        }
        state = State.ENDED;
        mine.standInFor(null);
        if (registry != null) {
            registry.ended(this);
        }
        Fiber asking = consumer;
        if (asking != null) { // else the loop is closing and nobody waits for us
            failure = thrown;
            value = null;
            mine.passReturnTo(asking);
            asking.own(step);
            mine.returnTo(asking);
        }
    }

    /// Unwinds the stack while the loop closes.
    void abandonFiber() {
        Fiber mine = own;
        if (mine != null && state == State.SUSPENDED) {
            mine.end();
        }
    }

    @Override
    public String toString() {
        return Names.of(body) + " " + state;
    }
}
