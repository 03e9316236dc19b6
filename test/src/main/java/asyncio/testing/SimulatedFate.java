package asyncio.testing;

import asyncio.stream.ConnectionResetException;

/// When a simulated connection is lost or falls silent: one for both directions.
///
/// Threads: loop-confined.
final class SimulatedFate {
    private final long limitBytes; // sent one way, when it happens
    private final boolean silent; // it falls silent, it is not reset
    private long lostNanos = OneShotAlarm.NEVER;
    private long silentFromNanos = OneShotAlarm.NEVER;
    private Runnable onLoss = () -> {};

    SimulatedFate(SimulatedNetwork network, long nowNanos) {
        limitBytes = network.lossAfterBytes;
        silent = network.lossIsSilent;
        if (network.lossAfterNanos != OneShotAlarm.NEVER) {
            happensAt(nowNanos + network.lossAfterNanos);
        }
    }

    /// What to do as soon as the time of a loss is known.
    void onLoss(Runnable action) {
        onLoss = action;
    }

    private void happensAt(long whenNanos) {
        if (silent) {
            silentFromNanos = Math.min(silentFromNanos, whenNanos);
        } else {
            resetAt(whenNanos);
        }
    }

    /// The connection is reset at that time, unless it is silent by then.
    void resetAt(long whenNanos) {
        if (whenNanos <= silentFromNanos && whenNanos < lostNanos) {
            lostNanos = whenNanos;
            onLoss.run();
        }
    }

    /// So many bytes were sent one way; the last of them arrives at that time.
    void sent(long bytes, long arrivalNanos) {
        if (bytes >= limitBytes) {
            happensAt(arrivalNanos);
        }
    }

    /// How many bytes can be sent one way now: none beyond a reset; and silence begins after a certain byte.
    long bytesThatMayGo(long sentBytes) {
        return isBeyondLimit(sentBytes) ? Long.MAX_VALUE : Math.max(0, limitBytes - sentBytes);
    }

    /// Whether what is sent next will not arrive.
    boolean isBeyondLimit(long sentBytes) {
        return silent && sentBytes >= limitBytes;
    }

    void ensureAlive(long nowNanos) throws ConnectionResetException {
        if (lostNanos <= nowNanos) {
            throw lost("reset by the network, or by the other end");
        }
    }

    static ConnectionResetException lost(String reason) {
        return new ConnectionResetException("Connection lost: " + reason);
    }

    long lostNanos() {
        return lostNanos;
    }

    long silentFromNanos() {
        return silentFromNanos;
    }
}
