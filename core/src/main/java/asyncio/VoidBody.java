package asyncio;

import org.jspecify.annotations.Nullable;

/// The code of a coroutine without a result.
@FunctionalInterface
public interface VoidBody {
    /// Runs the code.
    ///
    /// @throws Exception whatever it fails with: it reaches who awaits, as it is
    void run() throws Exception;

    /// The same code, with null for a result.
    ///
    /// @return a body that runs this one
    default Body<@Nullable Void> returningNull() {
        return new VoidCall(this);
    }
}
