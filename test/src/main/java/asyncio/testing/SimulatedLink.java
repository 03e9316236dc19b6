package asyncio.testing;

import asyncio.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/// One direction of a simulated connection: bytes on their way, in pieces that arrive at known times.
///
/// Threads: loop-confined.
final class SimulatedLink {
    /*
     * All times are nanoseconds of the loop's clock, and everything that will happen has one: the arrival of each
     * piece and of the end, the moment the sender learns that nobody receives any more, the end of the connection. So
     * an alarm can be set for the next of them, and virtual time jumps there.
     *
     * `heldBytes` counts what was sent and not yet received. It never exceeds the capacity.
     */
    static final long NEVER = OneShotAlarm.NEVER;
    private static final int FALSE_ALARM_ONE_IN = 4;

    final OneShotAlarm readable;
    final OneShotAlarm writable;
    private final EventLoop loop;
    private final SimulatedNetwork network;
    private final SplittableRandom random;
    private final long latencyNanos;
    private final SimulatedFate fate;
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
    private int heldBytes;
    private long sentBytes; // since the beginning
    private long lastDepartureNanos;
    private long lastArrivalNanos;
    private boolean endSent;
    private long endArrivalNanos = NEVER;
    private long refusedNanos = NEVER; // when the sender learns that nobody receives any more

    SimulatedLink(
            EventLoop loop, SimulatedNetwork network, SplittableRandom random, long latencyNanos, SimulatedFate fate) {
        this.loop = loop;
        this.network = network;
        this.random = random;
        this.latencyNanos = latencyNanos;
        this.fate = fate;
        readable = new OneShotAlarm(loop);
        writable = new OneShotAlarm(loop);
    }

    /// Receives what has arrived: 0 for nothing, -1 at the end. What arrived before a reset comes first.
    int take(ByteBuffer target) throws IOException {
        long now = now();
        int available = arrivedBytes(now);
        if (available == 0) {
            fate.ensureAlive(now);
            return endArrivalNanos <= Math.min(now, fate.silentFromNanos()) ? -1 : 0;
        }
        if (isFalseAlarm()) {
            return 0;
        }
        int most = Math.min(available, target.remaining());
        int count = network.shortReads && most > 1 ? random.nextInt(1, most + 1) : most;
        for (int left = count; left > 0; ) {
            Piece first = pieces.getFirst();
            left -= first.moveTo(target, left);
            if (!first.bytes.hasRemaining()) {
                pieces.removeFirst();
            }
        }
        heldBytes -= count;
        writable.notLaterThan(now);
        return count;
    }

    /// Sends what there is room for.
    int put(ByteBuffer source) throws IOException {
        long now = now();
        fate.ensureAlive(now);
        if (refusedNanos <= now) {
            throw SimulatedFate.lost("the other end is closed");
        }
        int most = (int) Math.min(Math.min(source.remaining(), room()), fate.bytesThatMayGo(sentBytes));
        if (most == 0 || isFalseAlarm()) {
            return 0;
        }
        int count = network.shortWrites && most > 1 ? random.nextInt(1, most + 1) : most;
        byte[] copy = new byte[count];
        source.get(copy);
        long departure = Math.max(now, lastDepartureNanos) + network.nanosFor(count);
        lastDepartureNanos = departure;
        lastArrivalNanos = arrival(departure);
        heldBytes += count;
        sentBytes += count;
        pieces.addLast(new Piece(ByteBuffer.wrap(copy), lastArrivalNanos));
        readable.notLaterThan(lastArrivalNanos);
        fate.sent(sentBytes, lastArrivalNanos);
        return count;
    }

    /// Nothing more will be sent.
    void end() {
        if (!endSent) {
            endSent = true;
            endArrivalNanos = arrival(Math.max(now(), lastDepartureNanos)) + network.endDelayNanos;
            readable.notLaterThan(endArrivalNanos);
        }
    }

    boolean isEndSent() {
        return endSent;
    }

    /// Nobody receives any more; the sender learns it a latency later.
    void abandon(long latencyBackNanos) {
        pieces.clear();
        heldBytes = 0;
        if (fate.silentFromNanos() > now()) {
            refusedNanos = now() + latencyBackNanos;
            writable.notLaterThan(refusedNanos);
        }
    }

    /// When the receiver should try again.
    long nextReadableNanos() {
        long next = Math.min(fate.lostNanos(), audible(endArrivalNanos));
        return pieces.isEmpty() ? next : Math.min(next, audible(pieces.getFirst().arrivalNanos));
    }

    /// When the sender should try again.
    long nextWritableNanos() {
        boolean mayTry = room() > 0 && fate.bytesThatMayGo(sentBytes) > 0 || endSent;
        return mayTry ? now() : Math.min(fate.lostNanos(), refusedNanos);
    }

    private long arrival(long departureNanos) {
        long jitter = network.jitterNanos == 0 ? 0 : random.nextLong(network.jitterNanos + 1);
        long arrival = Math.max(lastArrivalNanos, departureNanos + latencyNanos + jitter); // in order, always
        return fate.isBeyondLimit(sentBytes) ? Math.max(arrival, fate.silentFromNanos() + 1) : arrival;
    }

    private long audible(long arrivalNanos) {
        return arrivalNanos <= fate.silentFromNanos() ? arrivalNanos : NEVER;
    }

    private int arrivedBytes(long now) {
        long until = Math.min(Math.min(now, fate.silentFromNanos()), fate.lostNanos());
        int bytes = 0;
        for (Piece piece : pieces) {
            if (piece.arrivalNanos > until) {
                break;
            }
            bytes += piece.bytes.remaining();
        }
        return bytes;
    }

    private int room() {
        return network.capacityBytes - heldBytes;
    }

    private boolean isFalseAlarm() {
        return network.falseAlarms && random.nextInt(FALSE_ALARM_ONE_IN) == 0;
    }

    private long now() {
        return loop.time().toNanos();
    }

    /// Bytes that were sent together.
    private record Piece(ByteBuffer bytes, long arrivalNanos) {
        int moveTo(ByteBuffer target, int most) {
            int count = Math.min(most, bytes.remaining());
            target.put(target.position(), bytes, bytes.position(), count);
            target.position(target.position() + count);
            bytes.position(bytes.position() + count);
            return count;
        }
    }
}
