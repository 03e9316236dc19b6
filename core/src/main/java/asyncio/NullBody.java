package asyncio;

import org.jspecify.annotations.Nullable;

/// Code without a result as a body with a null result; not a lambda, so that messages can name the
/// code itself.
///
/// Threads: immutable.
record NullBody(VoidBody code) implements Body<@Nullable Void> {
    @Override
    public @Nullable Void run() throws Exception {
        code.run();
        return null;
    }
}
