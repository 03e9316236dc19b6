package asyncio;

/// What stands for a piece of user code in messages.
///
/// Threads: any thread.
final class Names {
    private Names() {}

    /// The class of the code, without the part of a lambda's name that changes from run to run.
    static String of(Object code) {
        Object named = code instanceof NullBody body ? body.code() : code;
        String name = named.getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda);
    }
}
