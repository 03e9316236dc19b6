package asyncio;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A set of values for [ContextVar]s: each task, callback and thread runs in one.
///
/// A task gets a copy of its creator's context, so what it sets stays its own; a callback runs in a
/// copy taken when it was registered. Copying takes constant time.
///
/// Threads: a context is used by one thread at a time: where it is entered. [#copy()] of a
/// quiescent one is safe anywhere.
public final class Context {
    private static final ThreadLocal<Context> OUTSIDE = ThreadLocal.withInitial(Context::new);

    private Bindings bindings; // replaced by each change; written where the context is in force
    private boolean entered; // inside run()

    /// An empty context.
    public Context() {
        this(Bindings.EMPTY);
    }

    private Context(Bindings bindings) {
        this.bindings = bindings;
    }

    /// The context in force where this is called.
    static Context current() {
        Step step = Current.step();
        return step != null ? step.context : OUTSIDE.get();
    }

    /// A copy of the context in force where this is called.
    ///
    /// @return a new context
    public static Context copyOfCurrent() {
        return current().copy();
    }

    /// A copy, which later changes do not connect.
    ///
    /// @return a new context
    public Context copy() {
        return new Context(bindings);
    }

    /// Runs code in this context: what the code sets, this context keeps.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException if this context is in force already, here or elsewhere
    public <T extends @Nullable Object> T run(Body<T> body) {
        Step step = Current.step();
        Context outer = step != null ? step.context : OUTSIDE.get();
        if (entered || outer == this) {
            throw new IllegalStateException(
                    "context must not be entered twice: it is in force already; run a copy() of it");
        }
        entered = true;
        enter(step, this);
        try {
            return body.run();
        } catch (Exception e) {
            throw Sneaky.rethrow(e);
        } finally {
            entered = false;
            enter(step, outer);
        }
    }

    /// Runs code in this context, as [#run(Body)] does.
    ///
    /// @param body the code
    /// @throws IllegalStateException if this context is in force already, here or elsewhere
    public void run(VoidBody body) {
        run(body.returningNull());
    }

    /// Runs a part of the step that this context is in force in, on the step's thread while it is away
    /// from the loop.
    <T extends @Nullable Object> T runOutside(Body<T> body) throws Exception {
        OUTSIDE.set(this);
        try {
            return body.run();
        } finally {
            OUTSIDE.remove();
        }
    }

    private static void enter(@Nullable Step step, Context context) {
        if (step != null) {
            step.context = context;
        } else {
            OUTSIDE.set(context);
        }
    }

    /// The value that this context has for a variable.
    ///
    /// @param variable the variable
    /// @param <T> its type
    /// @return the value, or empty if this context has none (the variable's default does not count)
    ///     or null
    @SuppressWarnings("unchecked") // only ContextVar<T> binds a T
    public <T> Optional<T> get(ContextVar<T> variable) {
        Object value = bindings.get(variable);
        return value == Bindings.UNSET ? Optional.empty() : Optional.ofNullable((T) value);
    }

    @Nullable
    Object lookUp(ContextVar<?> variable) {
        return bindings.get(variable);
    }

    void bind(ContextVar<?> variable, @Nullable Object value) {
        bindings = value == Bindings.UNSET ? bindings.without(variable) : bindings.with(variable, value);
    }

    @Override
    public String toString() {
        return "<Context variables=" + bindings.size() + ">";
    }
}
