package asyncio;

import org.jspecify.annotations.Nullable;

/// What stands for a piece of user code in messages.
///
/// Threads: any thread.
final class Names {
    private Names() {}

    /// What a user's object says of itself; its class, if it fails to say anything.
    static String describe(@Nullable Object value) {
        try {
            return String.valueOf(value);
        } catch (Throwable e) { // a message must not end the loop
            return value == null ? "null" : "<" + value.getClass().getName() + " whose toString failed>";
        }
    }

    /// The class of the code, without the part of a lambda's name that changes from run to run.
    static String of(Object code) {
        Object named = code instanceof NullBody body ? body.code() : code;
        String name = named.getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda);
    }
}
