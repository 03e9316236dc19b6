package asyncio;

import org.jspecify.annotations.Nullable;

/// Code without a result where one is expected; messages name the code, not this.
///
/// Threads: as the code.
///
/// @param code the code
record VoidCall(VoidBody code) implements Body<@Nullable Void> {
    @Override
    public @Nullable Void run() throws Exception {
        code.run();
        return null;
    }
}
