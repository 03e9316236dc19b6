package asyncio.net;

import asyncio.stream.ByteStream;

/// Serves one connection, in a task of its own.
///
/// Threads: called on the loop's thread.
@FunctionalInterface
public interface StreamHandler {
    /// Serves; may await. The server closes the stream afterwards.
    ///
    /// @param stream the connection
    /// @throws Exception reported, and ends the connection
    void handle(ByteStream stream) throws Exception;
}
