package asyncio.stream;

import java.nio.ByteBuffer;

/// A protocol that says where received bytes go, so that they are not copied. Gets no
/// `dataReceived`.
///
/// Threads: called on the loop's thread.
public interface BufferedProtocol extends Protocol {
    /// Where the next bytes go. Asked also where none turn out to be there: then nothing follows.
    ///
    /// @param sizeHintBytes how many may come; -1 if that is not known
    /// @return a buffer with room
    ByteBuffer getBuffer(int sizeHintBytes);

    /// Bytes have arrived in the buffer; its position has moved on.
    ///
    /// @param countBytes how many
    void bufferUpdated(int countBytes);
}
