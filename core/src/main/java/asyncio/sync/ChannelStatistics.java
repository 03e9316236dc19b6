package asyncio.sync;

/// What a channel is like at one moment.
///
/// @param capacity how many items it holds before a send waits
/// @param bufferedCount items that wait in it
/// @param openSenderCount senders that were not closed
/// @param openReceiverCount receivers that were not closed
/// @param waitingSenderCount tasks that wait to send
/// @param waitingReceiverCount tasks that wait to receive
public record ChannelStatistics(
        int capacity,
        int bufferedCount,
        int openSenderCount,
        int openReceiverCount,
        int waitingSenderCount,
        int waitingReceiverCount) {}
