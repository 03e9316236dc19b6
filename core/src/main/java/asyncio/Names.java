package asyncio;

import org.jspecify.annotations.Nullable;

/// What stands for a piece of user code in messages.
///
/// Threads: any thread.
final class Names {
    private Names() {}

    /// The class of the code, without the part of a lambda's name that changes from run to run.
    static String of(Object code) {
        String name =
                (code instanceof VoidCall call ? call.code() : code).getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda);
    }

    /// What a user's object says of itself. A report must not fail because its `toString` does.
    static String show(@Nullable Object value) {
        try {
            return String.valueOf(value);
        } catch (RuntimeException | StackOverflowError e) {
            return "<" + (value == null ? "null" : value.getClass().getName()) + " whose toString fails>";
        }
    }
}
