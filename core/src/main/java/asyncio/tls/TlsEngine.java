package asyncio.tls;

import asyncio.ReusableHandle;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// An [SSLEngine] between a lower stream and plain bytes. Does what can be done now, and never waits.
///
/// Threads: loop-confined.
final class TlsEngine {
    /*
     * Buffers
     *
     *   encrypted   received, not decrypted: the beginning of a record, at times some whole ones
     *   plain       decrypted, for which a receiver had no room: the rest of one record
     *   outgoing    encrypted, which the lower stream did not take
     *
     * Each is null while it is empty, so an idle connection has none. The work itself is done in scratch buffers of the
     * loop. All are bounded: the first two by a record or two, and `outgoing` because nothing of the user's is encrypted
     * before it is empty. Only answers that the peer asks for (to a key update) are added to it; one who asks for many
     * and takes none is cut off.
     *
     * Receiving waits for nothing but the lower stream's input: such answers queue up meanwhile. Sending waits for
     * nothing but its output: no renegotiation holds data back in the JDK's engine. So the two directions never wait
     * for each other, and two peers that both send cannot block one another.
     *
     * What is in `outgoing` leaves by itself, as soon as the lower stream takes it: whoever sent it has been told that
     * it is on its way.
     */
    private static final int MAX_RECORDS_IN_A_ROW = 64; // in one call: a peer may send many that hold nothing
    private static final int MAX_SENT_BYTES = 256 * 1024; // in one call: then others have their turn
    private static final int MAX_OUTGOING_BYTES =
            2 * ScratchBuffers.CAPACITY; // with answers that the peer does not take
    private static final int MAX_ANSWERS = 500; // of these

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /// What a handshake needs next.
    enum Need {
        /// It is over.
        NOTHING,
        /// That the task which the engine has delegated is run.
        TASK,
        /// More from the peer.
        PEER,
        /// That others have their turn: the peer has sent much.
        TURN
    }

    private final SSLEngine engine;
    private final ByteStream lower;
    private final boolean truncationTolerated;
    private final ScratchBuffers scratch;
    private final Runnable drained; // told when what was outgoing has left, or never will
    private @Nullable ByteBuffer encrypted; // ready to be read
    private @Nullable ByteBuffer plain; // as above
    private @Nullable ByteBuffer outgoing; // as above
    private int answersWaiting; // parts of outgoing that were put behind others
    private @Nullable ReusableHandle flusher; // made when first needed
    private boolean handshaking = true;
    private boolean dry; // the lower stream had nothing more, the last time
    private boolean ended; // nothing more will be received, and that is in order
    private boolean received; // something of the user's, or the end
    private @Nullable IOException receiveFailure; // thrown again and again
    private @Nullable IOException sendFailure; // as above
    private boolean lowerFailed; // takes nothing more

    /// An engine that has not begun.
    TlsEngine(SSLEngine engine, ByteStream lower, boolean truncationTolerated, Runnable drained) {
        this.engine = engine;
        this.lower = lower;
        this.truncationTolerated = truncationTolerated;
        this.drained = drained;
        scratch = ScratchBuffers.of(lower.loop());
    }

    SSLEngine engine() {
        return engine;
    }

    SSLSession session() {
        return engine.getSession();
    }

    boolean isTls13() {
        return session().getProtocol().equals(TlsVersion.TLS_1_3.protocol());
    }

    // The handshake

    /// Begins, with bytes that were received already.
    void begin(ByteBuffer received) throws SSLException {
        encrypted = received.hasRemaining() ? received : null;
        engine.beginHandshake();
    }

    /// Goes on as far as that is possible now.
    Need handshake() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    return Need.TASK;
                }
                case NEED_WRAP -> {
                    if (!wrapAnswer()) {
                        throw closedInHandshake();
                    }
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    Need need = unwrapSome();
                    if (need != Need.NOTHING) {
                        return need;
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return finish();
                }
            }
        }
    }

    /// Receives a part of the handshake.
    private Need unwrapSome() throws IOException {
        decrypt(NOTHING);
        if (ended) {
            throw closedInHandshake();
        }
        if (dry && sendFailure != null) { // not before everything was read: there may be an alert that says more
            throw sendFailure;
        }
        return dry ? Need.PEER : isUnwrapping() ? Need.TURN : Need.NOTHING;
    }

    private boolean isUnwrapping() {
        HandshakeStatus status = engine.getHandshakeStatus();
        return status == HandshakeStatus.NEED_UNWRAP || status == HandshakeStatus.NEED_UNWRAP_AGAIN;
    }

    private Need finish() throws IOException {
        if (session().getProtocol().equals("NONE")) {
            throw closedInHandshake();
        }
        handshaking = false;
        dry = false;
        return Need.NOTHING;
    }

    private static ConnectionResetException closedInHandshake() {
        return new ConnectionResetException("Connection lost: the peer closed the connection during the TLS handshake");
    }

    /// The next task that the engine has delegated.
    @Nullable
    Runnable delegatedTask() {
        return engine.getDelegatedTask();
    }

    private void runTasks() throws SSLException {
        if (!engine.getUseClientMode()) {
            throw failed(new SSLException("renegotiation refused: a client asked for it"));
        }
        try {
            Runnable task;
            while ((task = engine.getDelegatedTask()) != null) {
                task.run();
            }
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    // Receiving

    /// Whether [#receive(ByteBuffer)] may give something without word from the lower stream.
    boolean mayReceive() {
        return !dry || plain != null || ended || receiveFailure != null;
    }

    /// The lower stream may have something.
    void noteReadable() {
        dry = false;
    }

    /// Decrypts what is there; -1 at the end.
    int receive(ByteBuffer target) throws IOException {
        int before = target.position();
        ByteBuffer rest = plain;
        if (rest != null) {
            move(rest, target);
            plain = rest.hasRemaining() ? rest : null;
            return target.position() - before;
        }
        if (!ended) {
            try {
                ensureReceiving();
                decrypt(target);
            } catch (IOException e) {
                receiveFailure = e;
                if (target.position() == before) {
                    throw e;
                }
            }
        }
        int count = target.position() - before;
        received |= count > 0 || ended;
        return count == 0 && ended ? -1 : count;
    }

    private void ensureReceiving() throws IOException {
        if (receiveFailure != null) {
            throw receiveFailure;
        }
    }

    private static void move(ByteBuffer from, ByteBuffer to) {
        int count = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
    }

    /// Receives and forgets what is there; -1 at the end.
    int discard() throws IOException {
        plain = null;
        ByteBuffer room = scratch.take(0);
        try {
            return receive(room);
        } finally {
            scratch.giveBack(room);
        }
    }

    /// Decrypts until the target is full, the lower stream has no more, or it is enough for one turn.
    private void decrypt(ByteBuffer target) throws IOException {
        ByteBuffer own = encrypted;
        ByteBuffer input = own == null ? scratch.take(packetBytes()).flip() : own;
        dry = false;
        int start = target.position();
        try {
            boolean more = true;
            for (int i = 0; more && i < MAX_RECORDS_IN_A_ROW; i++) {
                Status status = unwrap(input, target);
                if (status == Status.BUFFER_OVERFLOW && target.position() == start) {
                    status = decryptAside(input, target);
                }
                if (status == Status.BUFFER_UNDERFLOW) {
                    input = fill(input, target);
                }
                ended |= status == Status.CLOSED;
                more = status != Status.BUFFER_OVERFLOW && goesOn(target); // on overflow there is something to give
            }
        } finally {
            keep(input, own == null);
        }
    }

    private boolean goesOn(ByteBuffer target) throws IOException {
        if (handshaking) {
            return !dry && !ended && isUnwrapping();
        }
        answer();
        ended |= engine.isInboundDone();
        return !dry && !ended && target.hasRemaining();
    }

    /// Decrypts a record for which the target may have no room, if it is there as a whole.
    private Status decryptAside(ByteBuffer input, ByteBuffer target) throws IOException {
        ByteBuffer room = scratch.take(session().getApplicationBufferSize());
        try {
            Status status = unwrap(input, room);
            if (status == Status.BUFFER_OVERFLOW) {
                throw new SSLException("TLS record too large for " + session());
            }
            move(room.flip(), target);
            plain = room.hasRemaining() ? copyOf(room, room.remaining()) : null;
            return status;
        } finally {
            scratch.giveBack(room);
        }
    }

    /// Receives more encrypted bytes, behind those that are there.
    private ByteBuffer fill(ByteBuffer input, ByteBuffer target) throws IOException {
        int packet = packetBytes();
        ByteBuffer roomy = input.remaining() < input.capacity() ? input : copyOf(input, packet);
        if (roomy.remaining() == roomy.capacity()) {
            throw new SSLException("TLS record too large: more than " + packet + " bytes");
        }
        roomy.compact();
        if (target.remaining() < packet && roomy.position() < packet) {
            roomy.limit(Math.min(packet, roomy.capacity())); // not more than can be given out: it would have to be kept
        }
        int count;
        try {
            count = lower.tryReceive(roomy);
        } finally {
            roomy.flip();
        }
        dry = count == 0;
        if (count < 0) {
            lowerEnded();
        }
        return roomy;
    }

    private void lowerEnded() throws ConnectionResetException {
        if (handshaking) {
            throw closedInHandshake();
        }
        if (!truncationTolerated && !engine.isInboundDone()) {
            throw new ConnectionResetException(
                    "Connection lost: it ended without the end of TLS (close_notify), so what"
                            + " was received may be cut short; use truncationTolerated() if the protocol itself says where"
                            + " its messages end");
        }
        ended = true;
    }

    private void keep(ByteBuffer input, boolean borrowed) {
        if (!input.hasRemaining()) {
            encrypted = null;
        } else {
            encrypted = borrowed ? copyOf(input, packetBytes()) : input;
        }
        if (borrowed) {
            scratch.giveBack(input);
        }
    }

    private static ByteBuffer copyOf(ByteBuffer source, int capacity) {
        ByteBuffer copy = ByteBuffer.allocate(Math.max(capacity, source.remaining()));
        return copy.put(source.duplicate()).flip();
    }

    private int packetBytes() {
        return session().getPacketBufferSize();
    }

    /// Does what the engine asks for in the middle of a stream.
    private void answer() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> {
                    if (!wrapAnswer()) {
                        return;
                    }
                }
                default -> {
                    return;
                }
            }
        }
    }

    // Sending

    /// Whether bytes wait for the lower stream, so that no more can be sent.
    boolean isBlocked() {
        return outgoing != null;
    }

    @Nullable
    IOException sendFailure() {
        return sendFailure;
    }

    /// Encrypts and sends what the lower stream takes, as far as it is enough for one turn, and up to one batch more.
    int send(ByteBuffer source) throws IOException {
        ensureSending();
        int before = source.position();
        if (!flush() || !source.hasRemaining()) {
            ensureSending();
            return 0;
        }
        ByteBuffer network = scratch.take(packetBytes());
        try {
            while (source.hasRemaining() && outgoing == null && source.position() - before < MAX_SENT_BYTES) {
                encrypt(source, network.clear());
                transmit(network.flip());
                ensureSending();
            }
        } finally {
            scratch.giveBack(network);
        }
        return source.position() - before;
    }

    private void ensureSending() throws IOException {
        if (sendFailure != null) {
            throw sendFailure;
        }
    }

    private void encrypt(ByteBuffer source, ByteBuffer network) throws IOException {
        do {
            SSLEngineResult result = wrap(source, network);
            if (result.getStatus() == Status.CLOSED) {
                throw new ConnectionResetException("Connection lost: the peer has closed the TLS connection");
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else if (result.bytesProduced() == 0) {
                throw new SSLException("the TLS engine does not go on: " + result);
            }
        } while (source.hasRemaining() && network.remaining() >= packetBytes());
    }

    /// Ends this side: the peer gets a close_notify after all that was sent.
    void closeOutbound() {
        engine.closeOutbound();
        try {
            while (wrapAnswer()) {
                // until it was said
            }
        } catch (IOException e) {
            sendFailed(e);
        }
    }

    /// Encrypts what the engine itself has to say; false if that is nothing.
    private boolean wrapAnswer() throws IOException {
        ByteBuffer network = scratch.take(packetBytes());
        try {
            int produced = wrap(NOTHING, network).bytesProduced();
            transmit(network.flip());
            return produced > 0;
        } finally {
            scratch.giveBack(network);
        }
    }

    private void transmit(ByteBuffer ready) throws SSLException {
        ByteBuffer before = outgoing;
        if (before == null) {
            push(ready);
            if (ready.hasRemaining() && !lowerFailed) {
                answersWaiting = 0;
                outgoing = copyOf(ready, ready.remaining());
                flushWhenWritable();
            }
        } else if (ready.hasRemaining()) {
            int total = before.remaining() + ready.remaining();
            if (total > MAX_OUTGOING_BYTES || ++answersWaiting > MAX_ANSWERS) {
                throw new SSLException("the peer asks for more and more TLS answers, and takes none");
            }
            outgoing = ByteBuffer.allocate(total).put(before).put(ready).flip();
        }
    }

    /// Gives bytes to the lower stream, as many as it takes.
    private void push(ByteBuffer ready) {
        try {
            while (ready.hasRemaining() && lower.trySend(ready) > 0) {
                // the rest
            }
        } catch (IOException e) {
            sendFailed(e);
        }
    }

    private void sendFailed(IOException e) {
        lowerFailed = true;
        outgoing = null;
        if (sendFailure == null) {
            sendFailure = e;
        }
    }

    /// Sends what waits for the lower stream; false if some still does.
    boolean flush() {
        ByteBuffer waiting = outgoing;
        if (waiting != null) {
            push(waiting);
            if (!waiting.hasRemaining()) {
                outgoing = null;
            }
        }
        return outgoing == null;
    }

    private void flushWhenWritable() {
        ReusableHandle handle = flusher;
        if (handle == null) {
            handle = lower.loop().createHandle(this::flushLater);
            flusher = handle;
        }
        lower.onWritable(handle::schedule);
    }

    private void flushLater() {
        if (!flush()) {
            flushWhenWritable();
        } else {
            drained.run();
        }
    }

    /// Takes from the lower stream what is there, and forgets it. The system resets a connection that is closed with
    /// bytes unread, and then what is on its way is lost: the goodbye of a peer is enough for that.
    ///
    /// @return false if nothing more can come
    boolean drain() {
        ByteBuffer room = scratch.take(0);
        try {
            int count = 1;
            for (int i = 0; i < MAX_RECORDS_IN_A_ROW && count > 0; i++) {
                count = lower.tryReceive(room.clear());
            }
            return count >= 0;
        } catch (IOException e) {
            return false; // it is broken: nothing is on its way any more
        } finally {
            scratch.giveBack(room);
        }
    }

    /// Whether session tickets may still be on their way: a server of TLS 1.3 sends them right after the handshake,
    /// and so before anything else.
    boolean mayGetTickets() {
        return engine.getUseClientMode() && !received && isTls13();
    }

    /// Lets go of everything received.
    void releaseInput() {
        encrypted = null;
        plain = null;
        ended = true;
    }

    /// Lets go of everything.
    void release() {
        releaseInput();
        outgoing = null;
        if (flusher != null) {
            flusher.cancel();
        }
    }

    // The engine, whose failures end the connection

    private Status unwrap(ByteBuffer input, ByteBuffer target) throws SSLException {
        try {
            return engine.unwrap(input, target).getStatus();
        } catch (SSLException | RuntimeException e) {
            throw failed(e);
        }
    }

    private SSLEngineResult wrap(ByteBuffer source, ByteBuffer network) throws SSLException {
        try {
            return engine.wrap(source, network);
        } catch (SSLException | RuntimeException e) {
            throw failed(e);
        }
    }

    /// Ends the connection; the peer is told why, if the engine has words for it.
    private SSLException failed(Exception e) {
        SSLException failure = e instanceof SSLException known
                ? known
                : new SSLException("the TLS engine failed: " + e, e); // a provider that did not expect such input
        if (sendFailure == null) {
            sendFailure = failure;
            try {
                sendAlert();
            } catch (SSLException | RuntimeException next) {
                if (next != failure) {
                    failure.addSuppressed(next);
                }
            }
        }
        return failure;
    }

    private void sendAlert() throws SSLException {
        ByteBuffer network = scratch.take(packetBytes());
        try {
            while (engine.wrap(NOTHING, network.clear()).bytesProduced() > 0) {
                transmit(network.flip());
            }
        } finally {
            scratch.giveBack(network);
        }
    }
}
