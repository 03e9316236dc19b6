package asyncio;

import org.jspecify.annotations.Nullable;

/// Thrown out of an await when the task was cancelled, or when what it awaits was.
///
/// An `Error`, as `ThreadDeath` was and for its reason: `catch (Exception e)` must not swallow it.
/// Code that catches it cleans up and throws it on; code that means to go on calls
/// [Task#uncancel()].
///
/// Threads: immutable, but for what `Throwable` lets anybody add.
public final class CancelledError extends Error {
    private static final long serialVersionUID = 1L;

    /// Who cancelled, why and where; not serialized.
    private final transient @Nullable CancelReason reason;

    /// A cancellation that the code itself declares, without a message.
    public CancelledError() {
        this((CancelReason) null);
    }

    /// A cancellation that the code itself declares.
    ///
    /// @param message the words, or null
    public CancelledError(@Nullable String message) {
        this(new CancelReason(message, "itself", null));
    }

    CancelledError(@Nullable CancelReason reason) {
        super(reason == null ? null : reason.message(), reason == null ? null : reason.site());
        this.reason = reason;
    }

    /// Who cancelled, why and where.
    ///
    /// @return the reason, or null if the code that threw this named none
    public @Nullable CancelReason reason() {
        return reason;
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // the message is the canceller's words and nothing else
    public String toString() {
        return reason == null ? super.toString() : super.toString() + " (cancelled by " + reason.by() + ")";
    }
}
