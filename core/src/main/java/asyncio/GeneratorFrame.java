package asyncio;

import asyncio.fiber.Fiber;
import asyncio.fiber.Job;
import asyncio.fiber.Suspension;
import asyncio.loop.Check;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The running part of an [AsyncGenerator]: its stack, and the hand-over between it and its
/// consumer.
///
/// Threads: loop-confined.
///
/// @param <T> what is yielded
final class GeneratorFrame<T> extends Job implements Yielder<T>, Suspension {
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
    private @Nullable GeneratorRegistry registry; // of the loop that began this

    GeneratorFrame(GeneratorBody<T> body) {
        this.body = body;
    }

    @Nullable
    T next(AsyncGenerator<T> generator) {
        ensureNotRunning("anext");
        if (state == State.ENDED) {
            return null;
        }
        TaskStep asks = consumerStep();
        if (state == State.NEW) {
            registry = asks.loop.generators;
            registry.began(generator, this);
        }
        enter(asks);
        return takeValue();
    }

    void close() {
        ensureNotRunning("aclose");
        if (state == State.NEW) {
            state = State.ENDED;
            leaveRegistry();
        }
        if (state == State.SUSPENDED) {
            TaskStep asks = consumerStep();
            closing = true;
            enter(asks);
            takeValue();
        }
    }

    private void ensureNotRunning(String operation) {
        if (state == State.RUNNING) {
            throw new IllegalStateException(operation + "(): asynchronous generator is already running: " + this
                    + " is waited for by " + (step == null ? "another task" : step) + "; let one task read it");
        }
    }

    /// The step that the generator will stand in for.
    private TaskStep consumerStep() {
        if (!(Current.step() instanceof TaskStep asks)) {
            throw Task.noTask();
        }
        EventLoop home = registry == null ? asks.loop : registry.loop;
        if (asks.loop != home) {
            throw new IllegalStateException(Check.AS202 + ": " + asks + " of loop " + asks.loop.name() + " got " + this
                    + " attached to a different loop, " + home.name() + "; read a generator on one loop only");
        }
        return asks;
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
    private void enter(TaskStep asks) {
        Fiber asking = Objects.requireNonNull(Fiber.current(), "fiber");
        State before = state;
        step = asks;
        consumerScope = asks.task().scope;
        consumer = asking;
        state = State.RUNNING;
        try {
            asking.suspend(this);
        } catch (Throwable e) {
            if (state == State.RUNNING) { // the consumer could not be set aside: the generator has not moved
                state = before;
                closing = false;
            }
            throw e;
        }
    }

    /// One of the two has left its thread: the other one goes on.
    @Override
    public Fiber suspended() {
        Fiber asking = Objects.requireNonNull(consumer);
        Fiber mine = own;
        if (state == State.SUSPENDED) { // it was the generator, which has a stack
            consumer = null; // if the loop closes, nobody waits for us
            Objects.requireNonNull(mine).standInFor(null);
            return handOver(mine, asking);
        }
        if (mine == null) {
            mine = asking.engine().fresh(this);
            own = mine;
        }
        mine.standInFor(asking);
        return handOver(asking, mine);
    }

    private Fiber handOver(Fiber from, Fiber to) {
        from.passReturnTo(to);
        to.own(step);
        return to;
    }

    @Override
    public void emit(T yielded) {
        Fiber mine = Fiber.current();
        if (mine == null || mine != own || state != State.RUNNING || consumer == null) {
            throw new IllegalStateException("emit must be called by the generator's own code: " + this
                    + " was used outside of it or from another task");
        }
        Scope innermost = Objects.requireNonNull(step).task().scope;
        if (innermost != null && innermost != consumerScope) {
            throw Scope.emitInside(innermost);
        }
        if (!closing) {
            value = Objects.requireNonNull(yielded, "value must not be null: an Optional says that there is none");
        } else {
            failure = new IllegalStateException("async generator ignored GeneratorExit: " + this
                    + " yielded while it was closed; let GeneratorExit pass");
        }
        state = State.SUSPENDED;
        try {
            mine.suspend(this);
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
        leaveRegistry();
        Fiber asking = consumer;
        if (asking != null) { // else the loop is closing and nobody waits for us
            failure = thrown;
            value = null;
            mine.passReturnTo(asking);
            asking.own(step);
            mine.returnTo(asking);
        }
        own = null;
        consumer = null;
    }

    private void leaveRegistry() {
        if (registry != null) {
            registry.ended(this);
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
        return "<AsyncGenerator " + Names.of(body) + " " + state + ">";
    }
}
