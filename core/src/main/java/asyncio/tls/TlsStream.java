package asyncio.tls;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.ReusableHandle;
import asyncio.Timeout;
import asyncio.TimeoutException;
import asyncio.TimerHandle;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.ExtraInfo;
import asyncio.stream.StreamClosedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// TLS over another stream, which it owns. Made by the upgrades of a [TlsContext].
///
/// Receiving fails with a [asyncio.stream.ConnectionResetException] if the connection ends without the
/// peer's goodbye (close_notify): somebody may have cut it. See [TlsContext#truncationTolerated()].
///
/// What was sent is on its way, but for the last record or so, which leaves by itself as soon as the
/// lower stream takes it. [#aclose()] waits for that; [#close()] leaves it to the loop, for as long as
/// the shutdown timeout says.
///
/// Errors: what is wrong with TLS itself is an `SSLException`, an `IOException` as the others.
///
/// Threads: loop-confined.
public final class TlsStream extends ByteStream {
    /*
     *   OPEN --aclose--> LEAVING --peer says goodbye, too--> CLOSED
     *        --close---> LINGERING --all has left----------> CLOSED      (at once, if the lower stream takes all)
     *        --abort-------------------------------------------> CLOSED
     *
     * LEAVING and LINGERING end as well when the shutdown timeout is over, and LEAVING if its task is cancelled.
     *
     * `unsent` says why something sent did not leave, for those who wait for the end of LINGERING. That the goodbye alone
     * did not leave is no failure: the peer has gone first.
     */
    private enum State {
        OPEN,
        LEAVING,
        LINGERING,
        CLOSED
    }

    private final TlsContext context;
    private final ByteStream lower;
    private final TlsEngine tls;
    private final Runnable lowerReadable = this::tellReadable;
    private State state = State.OPEN; // see the transitions above
    private boolean opened; // the handshake is over
    private boolean eofSent; // a close_notify, with receiving to go on
    private @Nullable Runnable readable; // told once
    private @Nullable Runnable writable; // told once
    private @Nullable ReusableHandle teller; // made when first needed
    private @Nullable TimerHandle lingerTimer; // set while LINGERING
    private @Nullable Duration gentleLimit; // of closeGently()
    private @Nullable ReusableHandle drainer; // set while LINGERING after that
    private @Nullable WaitQueue closers; // tasks that wait for CLOSED; made for the first one
    private @Nullable IOException unsent; // as above
    private boolean onlyGoodbye; // when LINGERING began, all else had left
    private boolean timedOut; // while LINGERING

    TlsStream(TlsContext context, SSLEngine engine, ByteStream lower) {
        super(lower.loop());
        this.context = context;
        this.lower = lower;
        tls = new TlsEngine(engine, lower, context.isTruncationTolerated(), this::drained);
    }

    // The handshake

    /// In a task: agrees with the peer on keys.
    void handshake(ByteBuffer received) throws IOException {
        tls.begin(received);
        while (true) {
            switch (tls.handshake()) {
                case TASK -> runDelegated();
                case PEER -> awaitChange(true);
                case TURN -> Asyncio.await(Asyncio.sleep(Duration.ZERO));
                case NOTHING -> {
                    opened = true;
                    return;
                }
            }
        }
    }

    private void runDelegated() {
        Runnable task;
        while ((task = tls.delegatedTask()) != null) {
            if (context.handshakeExecutor() == null) {
                task.run();
            } else {
                Runnable sentAway = task;
                Asyncio.await(loop().runInExecutor(context.handshakeExecutor(), () -> {
                    sentAway.run();
                    return true;
                }));
            }
        }
    }

    /// Waits until what waited to be sent has left, or there may be something to receive, if that is of interest.
    private void awaitChange(boolean receiving) {
        Future<@Nullable Void> change = loop().createFuture(WaitKind.IO, this);
        Runnable listener = () -> {
            if (!change.isDone()) {
                change.setResult(null);
            }
        };
        if (receiving) {
            onReadable(listener);
        }
        if (tls.isBlocked()) {
            onWritable(listener);
        }
        try {
            Asyncio.await(change);
        } finally {
            onReadable(null);
            onWritable(null);
        }
    }

    // Bytes

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        ensureOpen();
        return target.hasRemaining() ? tls.receive(target) : 0;
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        ensureOpen();
        if (eofSent) {
            throw new IllegalStateException("cannot send after the end was sent: " + this);
        }
        return tls.send(source);
    }

    private void ensureOpen() throws StreamClosedException {
        if (state != State.OPEN) {
            throw new StreamClosedException("stream is closed: " + this);
        }
    }

    /// Whether the end can be sent while receiving goes on: with TLS 1.3, if the context allows it.
    ///
    /// @return false unless [TlsContext#halfClose()] was asked for
    @Override
    public boolean canSendEof() {
        return context.isHalfClosing() && tls.isTls13();
    }

    @Override
    public boolean trySendEof() throws IOException {
        ensureOpen();
        if (!canSendEof()) {
            throw new UnsupportedOperationException("TLS has no half-close that all peers know: " + this
                    + "; close it, or use TlsContext.halfClose() and TLS 1.3");
        }
        if (!eofSent) {
            if (!tls.flush()) {
                return false;
            }
            eofSent = true;
            tls.closeOutbound();
        }
        IOException failure = tls.sendFailure();
        if (failure != null) {
            throw failure;
        }
        return true;
    }

    // Listeners

    @Override
    public void onReadable(@Nullable Runnable listener) {
        readable = listener;
        if (listener == null) {
            lower.onReadable(null);
        } else if (isOver() || tls.mayReceive()) {
            tellSoon();
        } else {
            lower.onReadable(lowerReadable);
        }
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        writable = listener;
        if (listener != null && (isOver() || !tls.isBlocked())) {
            tellSoon(); // else drained() tells
        }
    }

    private boolean isOver() {
        return state == State.LINGERING || state == State.CLOSED;
    }

    private void tellSoon() {
        ReusableHandle handle = teller;
        if (handle == null) {
            handle = loop().createHandle(this::tell);
            teller = handle;
        }
        handle.schedule();
    }

    private void tell() {
        if (isOver() || tls.mayReceive()) {
            tellReadable();
        }
        if (isOver() || !tls.isBlocked()) {
            tellWritable();
        }
    }

    private void tellReadable() {
        tls.noteReadable();
        Runnable told = readable;
        readable = null;
        if (told != null) {
            told.run();
        }
    }

    private void tellWritable() {
        Runnable told = writable;
        writable = null;
        if (told != null) {
            told.run();
        }
    }

    /// What waited for the lower stream has left, or never will.
    private void drained() {
        if (state == State.LINGERING) {
            allHasLeft();
        }
        tellReadable(); // a failure may be what it waits for
        tellWritable();
    }

    // Closing

    /// Says goodbye, and waits until everything sent has left and the peer has said goodbye, too;
    /// closes in any case. What the peer still sends meanwhile is dropped. After [#close()], waits until
    /// everything sent has left.
    ///
    /// Cancellation: skips the goodbye; the stream is closed.
    ///
    /// Errors, when awaited: `IOException` if something that was sent could not leave;
    /// [asyncio.TimeoutException] if this takes longer than the shutdown timeout: then the connection is
    /// aborted.
    ///
    /// @return a coroutine
    @Override
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(() -> {
            loop().checkThread("aclose");
            if (state == State.OPEN) {
                leave();
            } else {
                awaitClosed();
            }
        });
    }

    private void awaitClosed() throws IOException {
        while (state != State.CLOSED) {
            if (closers == null) {
                closers = new WaitQueue(WaitKind.IO, this);
            }
            closers.park(() -> {});
        }
        if (timedOut) {
            throw timeout(null);
        }
        if (unsent != null) {
            throw unsent;
        }
    }

    private TimeoutException timeout(@Nullable Throwable cause) {
        return new TimeoutException(
                "SSL shutdown timed out: " + this + "; the peer does not say goodbye, or takes nothing", cause);
    }

    private void leave() {
        state = State.LEAVING;
        tellReadable();
        tellWritable();
        Timeout limit = Asyncio.timeout(context.shutdownTimeout());
        try {
            Asyncio.await(limit.run(scope -> {
                sayGoodbye();
            }));
        } catch (TimeoutException e) {
            abort();
            throw timeout(e);
        } finally {
            close();
        }
    }

    private void sayGoodbye() throws IOException {
        if (tls.sendFailure() == null) {
            tls.closeOutbound();
        }
        boolean peerIsGone = false;
        while (true) {
            boolean sent = tls.flush();
            IOException failure = tls.sendFailure();
            if (failure != null) {
                throw failure;
            }
            if (sent && peerIsGone || state != State.LEAVING) {
                return;
            }
            int count = peerIsGone ? 0 : discard();
            if (count == 0) {
                awaitChange(!peerIsGone); // an end can be received for ever
            } else if (count < 0) {
                peerIsGone = true;
            } else {
                Asyncio.await(Asyncio.sleep(Duration.ZERO)); // a peer that never stops must not hold up others
            }
        }
    }

    private int discard() {
        try {
            return tls.discard();
        } catch (IOException e) {
            return -1; // it has hung up without a word; ours was said
        }
    }

    /// Closes the stream at once; what was sent arrives, and a goodbye behind it, if the lower stream
    /// takes them within the shutdown timeout. Waits for nothing.
    ///
    /// A client that has received nothing yet closes the stream below gently: the session tickets that a server
    /// sends after a handshake, and that nobody receives, would make the system drop what is still on its way.
    @Override
    public void close() {
        loop().checkThread("close");
        if (isOver()) {
            return;
        }
        lower.onReadable(null);
        if (opened && !lower.isClosed() && !loop().isClosed()) {
            linger();
        } else {
            closeLower();
        }
        tellReadable();
        tellWritable();
    }

    @Override
    public void closeGently(Duration limit) {
        loop().checkThread("closeGently");
        if (!isOver() && !limit.isNegative()) {
            gentleLimit = limit;
        }
        super.closeGently(limit);
    }

    private void linger() {
        state = State.LINGERING;
        onlyGoodbye = tls.flush() && tls.sendFailure() == null;
        if (tls.sendFailure() == null) {
            tls.closeOutbound();
        }
        tls.releaseInput();
        if (tls.flush()) {
            allHasLeft();
            return;
        }
        lingerTimer = loop().callLater(context.shutdownTimeout(), () -> {
            timedOut = !onlyGoodbye;
            abort();
        });
        if (gentleLimit != null) {
            drainer = loop().createHandle(this::drainLower);
            drainLower();
        }
    }

    /// Or never will.
    private void allHasLeft() {
        unsent = onlyGoodbye ? null : tls.sendFailure();
        closeLower();
    }

    /// A peer that sends before it receives must get rid of that, or it never takes the rest of ours.
    private void drainLower() {
        ReusableHandle handle = drainer;
        if (state == State.LINGERING && handle != null && tls.drain()) {
            lower.onReadable(handle::schedule);
        }
    }

    /// Tickets that nobody receives would make the system reset the connection, and drop what is on its way.
    private void closeLower() {
        Duration limit = gentleLimit;
        if (limit == null && opened && tls.mayGetTickets()) {
            limit = context.shutdownTimeout();
        }
        try {
            if (limit == null && opened && !lower.isClosed()) {
                tls.drain();
            }
        } finally {
            release();
            if (limit == null) {
                lower.close();
            } else {
                lower.closeGently(limit);
            }
        }
    }

    private void release() {
        state = State.CLOSED;
        tls.release();
        if (closers != null) {
            closers.wakeAll();
        }
        TimerHandle timer = lingerTimer;
        lingerTimer = null;
        if (timer != null) {
            timer.cancel();
        }
    }

    @Override
    public void abort() {
        loop().checkThread("abort");
        if (state == State.CLOSED) {
            lower.abort(); // it may be saying farewell
            return;
        }
        if (state == State.LINGERING && !onlyGoodbye) {
            unsent =
                    new ConnectionResetException("Connection lost: it was aborted before everything was sent: " + this);
        }
        release();
        lower.abort();
        tellReadable();
        tellWritable();
    }

    @Override
    public boolean isClosed() {
        return state != State.OPEN;
    }

    // What is known

    @Override
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        if (key.equals(ExtraInfo.TLS_SESSION)) {
            return key.type().cast(tls.session());
        }
        if (key.equals(ExtraInfo.ALPN_PROTOCOL)) {
            String protocol = Objects.requireNonNullElse(tls.engine().getApplicationProtocol(), "");
            return protocol.isEmpty() ? null : key.type().cast(protocol);
        }
        return lower.extraInfo(key);
    }

    @Override
    public String toString() {
        return "<TlsStream " + (opened ? tls.session().getProtocol() : "handshake") + " over " + lower
                + (state == State.OPEN ? "" : state == State.CLOSED ? " closed" : " closing") + ">";
    }
}
