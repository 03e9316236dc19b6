package asyncio.stream;

import asyncio.Coroutine;

/// What makes a stream out of another one that carries it: TLS, for one.
///
/// Threads: as the implementation says.
@FunctionalInterface
public interface Upgrade {
    /// Makes the upper stream; it owns the lower one from now on, also if this fails: then the lower
    /// one is closed.
    ///
    /// Cancellation: closes the lower stream.
    ///
    /// @param lower the stream that carries the new one
    /// @return a coroutine of the stream to use instead
    Coroutine<ByteStream> over(ByteStream lower);
}
