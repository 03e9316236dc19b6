package asyncio;

import asyncio.spi.Poller;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;

/// A channel that a loop watches for one owner: the ground of streams, servers and sockets, and of
/// your own.
///
/// A listener is told once; to hear again, it is set again. What the poller watches does not change
/// for that: interest, once said, stays until the channel was ready and nobody listened. So reading
/// and waiting in turn costs no system call but the reads.
///
/// Listeners run within the poll, on no fiber and in no task: they may complete futures and schedule
/// a [ReusableHandle], nothing else.
///
/// Threads: loop-confined.
public final class ChannelWatch implements AutoCloseable, Poller.Listener {
    /*
     *   interest   listener   the channel becomes ready
     *   no         no         nothing is said
     *   yes        yes        the listener is told and forgotten; interest stays
     *   yes        no         interest ends
     *
     * `maybe` says for one direction whether a try may succeed: false only from a note that the channel was drained
     * until the poller says otherwise, and only while the poller would say so.
     */
    private static final int READING = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
    private static final int WRITING = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;

    private final EventLoop loop;
    private final SelectableChannel channel;
    private final Object owner;
    private final Poller.Registration registration;
    private int interest; // said to the poller
    private @Nullable Runnable reader; // told once
    private @Nullable Runnable writer; // told once
    private boolean maybeReadable = true; // as above
    private boolean closed; // by its owner
    private boolean ending; // its owner waits for the peer's end only

    @Nullable
    ChannelWatch previous; // neighbours in the loop's OpenChannels

    @Nullable
    ChannelWatch next; // as above

    ChannelWatch(EventLoop loop, SelectableChannel channel, Object owner) {
        this.loop = loop;
        this.channel = channel;
        this.owner = owner;
        registration = loop.core.poller().register(channel, this);
        loop.channels.add(this);
    }

    /// The loop that watches.
    ///
    /// @return the loop
    public EventLoop loop() {
        return loop;
    }

    /// Tells a listener, once, when the channel can be read from, accepts, or has failed. It may be told
    /// although there is nothing.
    ///
    /// @param listener the listener, in place of the one before; null for none
    /// @throws IllegalArgumentException if the channel is closed, or of a kind that is not read from
    /// @throws IllegalStateException if this watch or its loop is closed, or on another thread than the
    ///     loop's
    public void onReadable(@Nullable Runnable listener) {
        if (listener != null) {
            arm(READING, "reading or accepting");
        }
        reader = listener;
    }

    /// Tells a listener, once, when the channel can be written to, has connected, or has failed.
    ///
    /// @param listener the listener, in place of the one before; null for none
    /// @throws IllegalArgumentException if the channel is closed, or of a kind that is not written to
    /// @throws IllegalStateException if this watch or its loop is closed, or on another thread than the
    ///     loop's
    public void onWritable(@Nullable Runnable listener) {
        if (listener != null) {
            arm(WRITING, "writing or connecting");
        }
        writer = listener;
    }

    private void arm(int direction, String what) {
        loop.checkThread("watch of a channel");
        if (closed) {
            throw new IllegalStateException("watch is closed: " + this);
        }
        int operations = direction & channel.validOps();
        if (operations == 0) {
            throw new IllegalArgumentException("channel must support " + what + ": got " + channel);
        }
        if ((interest & operations) != operations) {
            registration.interest(interest | operations);
            interest |= operations;
        }
    }

    private void disarm(int direction) {
        if (closed) { // by the listener that was told before
            return;
        }
        interest &= ~direction;
        try {
            registration.interest(interest);
        } catch (IllegalArgumentException e) {
            // Closed since the poller looked, on another thread: nothing will be said any more.
        }
    }

    /// Notes that the channel has just been read empty, so that a further try would be in vain.
    public void noteDrained() {
        maybeReadable = (interest & READING) == 0; // without interest, nobody would say when that changes
    }

    /// Whether an attempt to read may succeed, as far as the poller has told.
    ///
    /// @return false after [#noteDrained()], until the channel is ready again
    public boolean mayBeReadable() {
        return maybeReadable;
    }

    /// Called by the poller.
    @Override
    public void ready(int operations) {
        if ((operations & READING) != 0) {
            maybeReadable = true;
            Runnable told = reader;
            reader = null;
            if (told == null) {
                disarm(READING);
            } else {
                told.run();
            }
        }
        if ((operations & WRITING) != 0) {
            Runnable told = writer;
            writer = null;
            if (told == null) {
                disarm(WRITING);
            } else {
                told.run();
            }
        }
    }

    /// Ends the watch, at once. Listeners that were not told are forgotten. May be called again.
    ///
    /// @throws IllegalStateException on another thread than its loop's
    @Override
    public void close() {
        if (!closed) {
            letGo();
            registration.cancel();
        }
    }

    /// Ends the watch of a channel that is about to be closed, which ends its registration in passing: the
    /// descriptor is given back in the next iteration. May be called again.
    ///
    /// @throws IllegalStateException on another thread than its loop's
    public void letGo() {
        if (!closed) {
            loop.checkThread("close of a channel");
            closed = true;
            loop.channels.remove(this);
        }
        maybeReadable = true;
        reader = null;
        writer = null;
    }

    /// Notes that the owner is done with the channel, and only waits for the peer's end before it closes it: if
    /// the loop is closed before, nobody has forgotten anything.
    public void noteEnding() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    boolean isOpen() {
        return channel.isOpen() && !(owner instanceof ChannelWatches); // what users watch is theirs to close
    }

    String describeOwner() {
        return Names.describe(owner);
    }

    /// Closes what the channel belongs to, when its loop is closed.
    void closeOwner() {
        try {
            if (owner instanceof AutoCloseable closeable) {
                closeable.close();
            }
            channel.close();
        } catch (Exception e) {
            loop.callExceptionHandler(ExceptionContext.of("Unhandled error while " + this + " was closed", e));
        }
    }

    @Override
    public String toString() {
        return "<ChannelWatch of " + Names.describe(owner) + (closed ? " closed" : "") + ">";
    }
}
