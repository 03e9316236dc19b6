package asyncio.sync;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A way for items from tasks that send to tasks that receive, which knows when either side is
/// gone.
///
/// Each side has a half, of which there may be copies, for as many tasks. When the last sender is
/// closed, the channel ends: receivers get what is left, then nothing. When the last receiver is
/// closed, it breaks: sending fails. So nobody has to count producers, as with [Queue#shutdown()].
///
/// ```java
/// Channel<Order> orders = Channel.open(10);
/// ```
///
/// First-in first-out, for items, senders and receivers alike: what is sent goes straight to who
/// has waited longest. No item is lost to a cancellation, and none is sent by a send that was
/// cancelled.
///
/// Threads: loop-confined; a channel belongs to the loop of its first wait. The halves have views
/// for other threads.
///
/// @param <T> the items
public final class Channel<T> {
    /*
     * An item is handed over: to the receiver that has waited longest, else into the buffer, else it waits in the
     * request of its sender until somebody takes it from there. Whoever is woken is done, and need not look again.
     *
     * Invariant: while a receiver waits, there is no item, and no sender waits; while a sender waits, the buffer is full.
     *
     * Cancelled after it was woken (see WaitQueue.Request): a sender's item may be with its receiver already, so the
     * send counts. A receiver gives its item back: to the next receiver, or to the front. Several that are given back
     * in the same iteration come in the order of cancellation, so they are kept by number until they are taken.
     *
     * A request of another thread may have been given up at any moment: it says so when it is to be fulfilled, and the
     * next one is tried.
     */
    private final int capacity;
    private final @Nullable Consumer<? super T> onUndelivered;
    private final ArrayDeque<T> buffer = new ArrayDeque<>();
    private final TreeMap<Long, T> returned = new TreeMap<>(); // by number; older than all in the buffer
    final WaitQueue senders = new WaitQueue(WaitKind.QUEUE, this);
    final WaitQueue receivers = new WaitQueue(WaitKind.QUEUE, this);
    private final Sender<T> sender;
    private final Receiver<T> receiver;
    private int openSenders; // halves, by which sending is possible
    private int openReceivers; // as above
    private long handOverCount; // to waiting receivers, so far: numbers them

    private Channel(int capacity, @Nullable Consumer<? super T> onUndelivered) {
        if (capacity < 0) {
            throw new IllegalArgumentException("capacity must be zero or more: got " + capacity
                    + "; 0 lets each send wait for its receiver, Integer.MAX_VALUE means no limit");
        }
        this.capacity = capacity;
        this.onUndelivered = onUndelivered;
        sender = newSender();
        receiver = newReceiver();
    }

    /// Makes a channel.
    ///
    /// @param capacity how many items it holds before a send waits; 0: each send waits until its
    ///     item is received
    /// @param <T> the items
    /// @return a new channel, with one half for each side
    /// @throws IllegalArgumentException if the capacity is negative
    public static <T> Channel<T> open(int capacity) {
        return new Channel<>(capacity, null);
    }

    /// Makes a channel that says which items were sent, but never received, because the last
    /// receiver was closed. Without that they are dropped.
    ///
    /// @param capacity how many items it holds before a send waits; 0: each send waits until its
    ///     item is received
    /// @param onUndelivered given each such item, inside the close; if it fails, the exception
    ///     handler of the loop is told
    /// @param <T> the items
    /// @return a new channel, with one half for each side
    /// @throws IllegalArgumentException if the capacity is negative
    public static <T> Channel<T> open(int capacity, Consumer<? super T> onUndelivered) {
        return new Channel<>(capacity, Objects.requireNonNull(onUndelivered, "onUndelivered must not be null"));
    }

    /// The first half for sending.
    ///
    /// @return always the same one; [Sender#copy()] makes more
    public Sender<T> sender() {
        return sender;
    }

    /// The first half for receiving.
    ///
    /// @return always the same one; [Receiver#copy()] makes more
    public Receiver<T> receiver() {
        return receiver;
    }

    /// What the channel is like now.
    ///
    /// @return a copy
    public ChannelStatistics statistics() {
        return new ChannelStatistics(
                capacity,
                itemCount(),
                openSenders,
                openReceivers,
                senders.size() - senders.wokenCount(),
                receivers.size() - receivers.wokenCount());
    }

    private int itemCount() {
        return returned.size() + buffer.size();
    }

    Sender<T> newSender() {
        openSenders++;
        return new Sender<>(this);
    }

    Receiver<T> newReceiver() {
        openReceivers++;
        return new Receiver<>(this);
    }

    boolean hasEnded() {
        return openSenders == 0 && itemCount() == 0;
    }

    boolean isBroken() {
        return openReceivers == 0;
    }

    /// Sends an item if that needs no wait.
    boolean offer(T item) {
        return handOver(item, handOverCount) || itemCount() < capacity && buffer.add(item);
    }

    private boolean handOver(T item, long number) {
        while (receivers.first() instanceof ReceiveRequest<?> first) {
            receivers.wakeNext();
            @SuppressWarnings("unchecked") // all requests in this line are of this channel
            ReceiveRequest<T> request = (ReceiveRequest<T>) first;
            if (request.accept(item, number)) {
                handOverCount = Math.max(handOverCount, number + 1); // an item that came back keeps its number
                return true;
            }
        }
        return false;
    }

    /// Receives the next item if that needs no wait.
    @Nullable
    T poll() {
        T item = next();
        if (item == null) {
            return fromSender(); // no buffer
        }
        refill();
        return item;
    }

    private @Nullable T next() {
        Map.Entry<Long, T> first = returned.pollFirstEntry();
        return first != null ? first.getValue() : buffer.pollFirst();
    }

    private void refill() {
        while (itemCount() < capacity) {
            T item = fromSender();
            if (item == null) {
                return;
            }
            buffer.add(item);
        }
    }

    /// Takes the item of who has waited longest to send.
    private @Nullable T fromSender() {
        while (senders.first() instanceof SendRequest<?> first) {
            senders.wakeNext();
            @SuppressWarnings("unchecked") // all requests in this line are of this channel
            SendRequest<T> request = (SendRequest<T>) first;
            if (request.fulfil()) {
                return request.item;
            }
        }
        return null;
    }

    void send(Sender<T> half, T item) {
        half.ensureOpen("send");
        ensureNotBroken();
        if (!offer(item)) {
            SendRequest<T> request = new SendRequest<>(half, item, null);
            senders.parkFor(request);
            ensureFulfilled(request);
        }
    }

    void ensureNotBroken() {
        if (isBroken()) {
            throw new BrokenChannelException(
                    "cannot send: all receivers of " + this + " are closed; nobody would get the item");
        }
    }

    void ensureFulfilled(SendRequest<T> request) {
        if (!request.isFulfilled()) {
            request.half.ensureOpen("send: this half was closed while a task waited in");
            ensureNotBroken();
        }
    }

    T receive(Receiver<T> half) {
        half.ensureOpen("receive");
        T item = poll();
        if (item != null) {
            return item;
        }
        ensureNotEnded();
        ReceiveRequest<T> request = new ReceiveRequest<>(half, null);
        receivers.parkFor(request);
        return received(request);
    }

    void ensureNotEnded() {
        if (hasEnded()) {
            throw ended();
        }
    }

    ChannelEndedException ended() {
        return new ChannelEndedException("nothing to receive: all senders of " + this + " are closed");
    }

    T received(ReceiveRequest<T> request) {
        T item = request.item();
        if (item != null) {
            return item;
        }
        request.half.ensureOpen("receive: this half was closed while a task waited in");
        T late = poll(); // given back by a receiver that was cancelled when this task had been woken already
        if (late != null) {
            return late;
        }
        throw ended();
    }

    /// Takes an item back from a receiver that was cancelled.
    void giveBack(long number, T item) {
        if (isBroken()) {
            undelivered(item);
        } else if (!handOver(item, number)) {
            returned.put(number, item);
        }
    }

    void closed(Sender<T> half) {
        openSenders--;
        senders.wakeAll(request -> ((SendRequest<?>) request).half.equals(half));
        if (openSenders == 0) {
            receivers.wakeAll(); // whoever waits gets nothing any more
        }
    }

    void closed(Receiver<T> half) {
        openReceivers--;
        receivers.wakeAll(request -> ((ReceiveRequest<?>) request).half.equals(half));
        if (openReceivers == 0) {
            senders.wakeAll();
            for (T item = next(); item != null; item = next()) {
                undelivered(item);
            }
        }
    }

    private void undelivered(T item) {
        if (onUndelivered == null) {
            return;
        }
        try {
            onUndelivered.accept(item);
        } catch (RuntimeException e) {
            EventLoop loop = Asyncio.getRunningLoop();
            loop.callExceptionHandler(ExceptionContext.of("onUndelivered of " + this + " failed", e));
        }
    }

    // For the views; the stage is the other side's, which may have given up: then nothing happens here

    /// Sends an item, unless the stage is completed first; completes it.
    void sendFor(Sender<T> half, T item, CompletableFuture<@Nullable Void> stage) {
        half.ensureOpen("send");
        ensureNotBroken();
        if (receivers.first() == null && itemCount() >= capacity) {
            SendRequest<T> request = new SendRequest<>(half, item, stage);
            senders.parkFor(request);
            ensureFulfilled(request);
        } else if (stage.complete(null) && !handOver(item, handOverCount)) {
            buffer.add(item); // perhaps one too many: that receiver gave up in this moment
        }
    }

    /// Sends an item if that needs no wait, unless the stage is completed first; completes it.
    void trySendFor(Sender<T> half, T item, CompletableFuture<Boolean> stage) {
        half.ensureOpen("trySend");
        ensureNotBroken();
        if (receivers.first() == null && itemCount() >= capacity) {
            stage.complete(false);
        } else if (stage.complete(true) && !handOver(item, handOverCount)) {
            buffer.add(item); // as above
        }
    }

    /// Receives an item and gives it to a taker; one that refuses it has given up.
    void receiveFor(Receiver<T> half, Predicate<T> taker) {
        half.ensureOpen("receive");
        if (tryReceiveFor(taker)) {
            return;
        }
        ensureNotEnded();
        ReceiveRequest<T> request = new ReceiveRequest<>(half, taker);
        receivers.parkFor(request);
        if (request.item() == null && !request.refused) {
            half.ensureOpen("receive: this half was closed while a task waited in");
            if (!tryReceiveFor(taker)) { // given back by a receiver that was cancelled
                throw ended();
            }
        }
    }

    /// The same, if an item is there; false if there is none.
    boolean tryReceiveFor(Predicate<T> taker) {
        Map.Entry<Long, T> first = returned.pollFirstEntry();
        T item = first != null ? first.getValue() : buffer.pollFirst();
        if (item == null) {
            item = fromSender();
        }
        if (item == null) {
            return false;
        }
        if (taker.test(item)) {
            refill();
        } else {
            giveBack(first != null ? first.getKey() : handOverCount++, item);
        }
        return true;
    }

    @Override
    public String toString() {
        return "<Channel capacity=" + capacity + " buffered=" + itemCount() + " senders=" + openSenders + " receivers="
                + openReceivers + ">";
    }

    /// What a task wants that waits to send.
    ///
    /// Threads: loop-confined.
    ///
    /// @param <T> the item
    static final class SendRequest<T> implements WaitQueue.Request {
        final Sender<T> half;
        final T item;
        private final @Nullable CompletableFuture<@Nullable Void> stage; // of another thread
        private boolean fulfilled; // the item is on its way to a receiver

        SendRequest(Sender<T> half, T item, @Nullable CompletableFuture<@Nullable Void> stage) {
            this.half = half;
            this.item = item;
            this.stage = stage;
        }

        boolean fulfil() {
            fulfilled = stage == null || stage.complete(null);
            return fulfilled;
        }

        boolean isFulfilled() {
            return fulfilled;
        }

        @Override
        public boolean cancelledAfterWakeUp() {
            return fulfilled;
        }
    }

    /// What a task wants that waits to receive.
    ///
    /// Threads: loop-confined.
    ///
    /// @param <T> the item
    static final class ReceiveRequest<T> implements WaitQueue.Request {
        final Receiver<T> half;
        private final @Nullable Predicate<T> taker; // of another thread
        private @Nullable T item; // once it was handed over
        private long number; // of that
        private boolean refused; // the other thread has given up

        ReceiveRequest(Receiver<T> half, @Nullable Predicate<T> taker) {
            this.half = half;
            this.taker = taker;
        }

        boolean accept(T newItem, long newNumber) {
            if (taker != null && !taker.test(newItem)) {
                refused = true;
                return false;
            }
            item = newItem;
            number = newNumber;
            return true;
        }

        @Nullable
        T item() {
            return item;
        }

        @Override
        public boolean cancelledAfterWakeUp() {
            T given = item;
            if (given == null || taker != null) {
                return given != null; // another thread has it
            }
            item = null;
            half.channel().giveBack(number, given);
            return false;
        }
    }
}
