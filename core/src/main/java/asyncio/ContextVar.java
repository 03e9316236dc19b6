package asyncio;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// A variable whose value belongs to the task or callback that runs, and is inherited by the tasks
/// it creates.
///
/// Unlike a `ScopedValue` it can be set anywhere; unlike a `ThreadLocal` it follows from task to
/// child task and, with `toThread`, to worker threads.
///
/// Threads: any thread; each sees the value of its own context.
///
/// @param <T> the type of the value
public final class ContextVar<T extends @Nullable Object> {
    private final String name;
    private final @Nullable Object defaultValue; // Bindings.UNSET if there is none

    private ContextVar(String name, @Nullable Object defaultValue) {
        this.name = name;
        this.defaultValue = defaultValue;
    }

    /// A variable without a default.
    ///
    /// @param name for messages
    /// @param <T> the type of the value
    /// @return a new variable
    public static <T extends @Nullable Object> ContextVar<T> of(String name) {
        return new ContextVar<>(name, Bindings.UNSET);
    }

    /// A variable with a default.
    ///
    /// @param name for messages
    /// @param defaultValue what [#get()] returns where no value was set
    /// @param <T> the type of the value
    /// @return a new variable
    public static <T extends @Nullable Object> ContextVar<T> withDefault(String name, T defaultValue) {
        return new ContextVar<>(name, defaultValue);
    }

    /// The name.
    ///
    /// @return the name
    public String name() {
        return name;
    }

    /// The value in the current context.
    ///
    /// @return the value, or the default
    /// @throws NoSuchElementException if it has neither
    @SuppressWarnings({"unchecked", "NullAway"}) // only set() and withDefault() put values in, and those are T
    public T get() {
        Object value = Context.current().lookUp(this);
        if (value == Bindings.UNSET) {
            value = defaultValue;
        }
        if (value == Bindings.UNSET) {
            throw new NoSuchElementException(
                    "context variable " + name + " has no value here: set it first, or create it withDefault");
        }
        return (T) value;
    }

    /// Sets the value in the current context.
    ///
    /// @param value the value
    /// @return a token that [#reset(Token)] takes to restore what was there before
    public Token<T> set(T value) {
        Context context = Context.current();
        Token<T> token = new Token<>(this, context, context.lookUp(this));
        context.bind(this, value);
        return token;
    }

    /// Restores the value that was there before a [#set(Object)].
    ///
    /// @param token what that call returned, not yet used
    /// @throws IllegalArgumentException if the token is of another variable or another context
    /// @throws IllegalStateException if the token was used already
    public void reset(Token<T> token) {
        Context context = Context.current();
        if (token.variable != this) {
            throw new IllegalArgumentException("token must be of context variable " + name + ": got one of "
                    + token.variable.name + "; reset each variable with its own token");
        }
        if (token.context != context) {
            throw new IllegalArgumentException("token must be of the current context: context variable " + name
                    + " was set in another task or callback; reset it there");
        }
        if (token.used) {
            throw new IllegalStateException("token must be used once: context variable " + name + " was reset already");
        }
        token.used = true;
        context.bind(this, token.previous);
    }

    @Override
    public String toString() {
        return "<ContextVar " + name + ">";
    }

    /// What a [ContextVar#set(Object)] replaced.
    ///
    /// Threads: as the context it belongs to.
    ///
    /// @param <T> the type of the variable
    public static final class Token<T extends @Nullable Object> {
        private final ContextVar<T> variable;
        private final Context context;
        private final @Nullable Object previous; // Bindings.UNSET if there was none
        private boolean used; // set by reset(), which takes a token once

        private Token(ContextVar<T> variable, Context context, @Nullable Object previous) {
            this.variable = variable;
            this.context = context;
            this.previous = previous;
        }
    }
}
