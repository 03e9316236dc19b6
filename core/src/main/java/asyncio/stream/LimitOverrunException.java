package asyncio.stream;

import java.io.IOException;

/// What was read is longer than the reader's limit: the peer sends too much without a separator, or
/// before its end.
///
/// Threads: immutable.
public final class LimitOverrunException extends IOException {
    private static final long serialVersionUID = 1;

    /// How much of the buffer comes before a separator may begin.
    private final int consumedBytes;

    /// An overrun.
    ///
    /// @param message what was too long
    /// @param consumedBytes how many bytes of the buffer were looked at in vain
    public LimitOverrunException(String message, int consumedBytes) {
        super(message);
        this.consumedBytes = consumedBytes;
    }

    /// How many bytes were looked at in vain: after [StreamReader#readUntil(byte[], byte\[\]...)] they
    /// can be taken with [StreamReader#readExactly(int)].
    ///
    /// @return the number; the separator, if it was found, comes right after
    public int consumedBytes() {
        return consumedBytes;
    }
}
