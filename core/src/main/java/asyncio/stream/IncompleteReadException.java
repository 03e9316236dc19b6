package asyncio.stream;

import java.io.EOFException;
import java.util.Objects;
import java.util.OptionalInt;

/// The stream ended before what was asked for had arrived. The bytes that did arrive are here, and no
/// longer in the reader.
///
/// Threads: immutable, but for the array.
public final class IncompleteReadException extends EOFException {
    private static final long serialVersionUID = 1;
    private static final int UNDEFINED = -1;

    /// What arrived.
    private final byte[] partial;

    /// How much was asked for; -1 if a separator was looked for.
    private final int expectedBytes;

    /// An end that came too early for a count.
    ///
    /// @param partial what arrived
    /// @param expectedBytes how much was asked for
    public IncompleteReadException(byte[] partial, int expectedBytes) {
        super(partial.length + " bytes read on a total of " + expectedBytes + " expected bytes");
        this.partial = partial;
        this.expectedBytes = expectedBytes;
    }

    /// An end that came before a separator.
    ///
    /// @param partial what arrived
    public IncompleteReadException(byte[] partial) {
        super(Objects.requireNonNull(partial, "partial must not be null").length
                + " bytes read on a total of undefined expected bytes: the stream ended before the separator");
        this.partial = partial;
        expectedBytes = UNDEFINED;
    }

    /// What arrived before the end.
    ///
    /// @return the bytes, not a copy
    public byte[] partial() {
        return partial;
    }

    /// How many bytes were asked for.
    ///
    /// @return the number; empty if a separator was looked for
    public OptionalInt expectedBytes() {
        return expectedBytes == UNDEFINED ? OptionalInt.empty() : OptionalInt.of(expectedBytes);
    }
}
