package asyncio.net;

import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;

/// Serves one connection, in a task of its own, by reader and writer.
///
/// If it fails or is cancelled, the server closes the writer. If it returns, closing is up to whoever has
/// the writer then, as in asyncio.
///
/// Threads: called on the loop's thread.
@FunctionalInterface
public interface ConnectionHandler {
    /// Serves; may await.
    ///
    /// @param reader what the peer sends
    /// @param writer what the peer gets
    /// @throws Exception reported, and ends the connection
    void handle(StreamReader reader, StreamWriter writer) throws Exception;
}
