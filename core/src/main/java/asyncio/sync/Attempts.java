package asyncio.sync;

import asyncio.Body;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.TimerHandle;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The kinds of clauses.
///
/// Threads: loop-confined.
final class Attempts {
    private static final WaitQueue.Request NOTHING = () -> false; // nothing that would be lost

    private Attempts() {}

    /// Receives from a channel.
    ///
    /// Threads: loop-confined.
    static final class Receive<T, R extends @Nullable Object> extends Attempt<R> {
        private final Receiver<T> half;
        private final ValueBody<? super T, ? extends R> body;
        private final @Nullable Body<? extends R> ended;
        private Channel.@Nullable ReceiveRequest<T> request;
        private @Nullable T item; // null although chosen: the channel has ended

        Receive(Receiver<T> half, ValueBody<? super T, ? extends R> body, @Nullable Body<? extends R> ended) {
            this.half = half;
            this.body = body;
            this.ended = ended;
        }

        @Override
        boolean tryNow() {
            half.ensureOpen("receive");
            item = half.channel().poll();
            return item != null || half.channel().hasEnded();
        }

        @Override
        WaitQueue line() {
            return half.channel().receivers;
        }

        @Override
        WaitQueue.Request request() {
            Channel.ReceiveRequest<T> fresh = new Channel.ReceiveRequest<>(half, null);
            request = fresh;
            return fresh;
        }

        @Override
        boolean wasFulfilled() {
            item = Objects.requireNonNull(request, "request").item();
            if (item == null) {
                half.ensureOpen("receive: this half was closed while a task waited in");
            }
            return true;
        }

        @Override
        R run() throws Exception {
            T received = item;
            if (received != null) {
                return body.run(received);
            }
            if (ended == null) {
                throw half.channel().ended();
            }
            return ended.run();
        }
    }

    /// Sends to a channel.
    ///
    /// Threads: loop-confined.
    static final class Send<T, R extends @Nullable Object> extends Attempt<R> {
        private final Sender<T> half;
        private final T item;
        private final Body<? extends R> body;
        private Channel.@Nullable SendRequest<T> request;

        Send(Sender<T> half, T item, Body<? extends R> body) {
            this.half = half;
            this.item = item;
            this.body = body;
        }

        @Override
        boolean tryNow() {
            half.ensureOpen("send");
            half.channel().ensureNotBroken();
            return half.channel().offer(item);
        }

        @Override
        WaitQueue line() {
            return half.channel().senders;
        }

        @Override
        WaitQueue.Request request() {
            Channel.SendRequest<T> fresh = new Channel.SendRequest<>(half, item, null);
            request = fresh;
            return fresh;
        }

        @Override
        boolean wasFulfilled() {
            half.channel().ensureFulfilled(Objects.requireNonNull(request, "request"));
            return true;
        }

        @Override
        R run() throws Exception {
            return body.run();
        }
    }

    /// Takes from a queue.
    ///
    /// Threads: loop-confined.
    static final class Get<T, R extends @Nullable Object> extends Attempt<R> {
        private final Queue<T> queue;
        private final ValueBody<? super T, ? extends R> body;
        private @Nullable T item; // once taken

        Get(Queue<T> queue, ValueBody<? super T, ? extends R> body) {
            this.queue = queue;
            this.body = body;
        }

        @Override
        boolean tryNow() {
            item = queue.tryGet().orElse(null);
            return item != null;
        }

        @Override
        WaitQueue line() {
            return queue.getters;
        }

        @Override
        WaitQueue.Request request() {
            return () -> {
                queue.wakeGetter();
                return false;
            };
        }

        @Override
        boolean wasFulfilled() {
            return tryNow();
        }

        @Override
        R run() throws Exception {
            return body.run(Objects.requireNonNull(item, "item"));
        }
    }

    /// Puts into a queue.
    ///
    /// Threads: loop-confined.
    static final class Put<T, R extends @Nullable Object> extends Attempt<R> {
        private final Queue<T> queue;
        private final T item;
        private final Body<? extends R> body;

        Put(Queue<T> queue, T item, Body<? extends R> body) {
            this.queue = queue;
            this.item = item;
            this.body = body;
        }

        @Override
        boolean tryNow() {
            return queue.tryPut(item);
        }

        @Override
        WaitQueue line() {
            return queue.putters;
        }

        @Override
        WaitQueue.Request request() {
            return () -> {
                queue.wakePutter();
                return false;
            };
        }

        @Override
        boolean wasFulfilled() {
            try {
                return tryNow();
            } catch (RuntimeException | Error e) { // it cannot be compared: the room is somebody else's
                queue.wakePutter();
                throw e;
            }
        }

        @Override
        R run() throws Exception {
            return body.run();
        }
    }

    /// Waits for a future.
    ///
    /// Threads: loop-confined.
    static final class Done<T extends @Nullable Object, R extends @Nullable Object> extends Attempt<R> {
        private final Future<T> future;
        private final ValueBody<? super T, ? extends R> body;
        private final WaitQueue line;
        private final Consumer<Future<T>> wake;
        private boolean armed; // the future knows of this

        Done(Future<T> future, ValueBody<? super T, ? extends R> body) {
            this.future = future;
            this.body = body;
            line = new WaitQueue(future.waitKind(), future);
            wake = done -> line.wakeNext();
        }

        @Override
        boolean tryNow() {
            return future.isDone();
        }

        @Override
        void arm(EventLoop loop) {
            if (!armed) {
                loop.ensureFuture(future).addDoneCallback(wake); // refuses one of another loop
                armed = true;
            }
        }

        @Override
        void disarm() {
            if (armed) {
                future.removeDoneCallback(wake);
            }
        }

        @Override
        WaitQueue line() {
            return line;
        }

        @Override
        WaitQueue.Request request() {
            return NOTHING;
        }

        @Override
        boolean wasFulfilled() {
            return true;
        }

        @Override
        R run() throws Exception {
            return body.run(future.result());
        }
    }

    /// Waits for a time.
    ///
    /// Threads: loop-confined.
    static final class TimeOver<R extends @Nullable Object> extends Attempt<R> {
        private final Duration delay;
        private final Body<? extends R> body;
        private final WaitQueue line;
        private @Nullable TimerHandle timer; // once armed
        private boolean over;

        TimeOver(Duration delay, Body<? extends R> body) {
            this.delay = delay;
            this.body = body;
            line = new WaitQueue(WaitKind.SLEEP, delay);
        }

        @Override
        boolean tryNow() {
            return over || !delay.isPositive();
        }

        @Override
        void arm(EventLoop loop) {
            if (timer == null) {
                timer = loop.callLater(delay, () -> {
                    over = true;
                    line.wakeNext();
                });
            }
        }

        @Override
        void disarm() {
            if (timer != null) {
                timer.cancel();
            }
        }

        @Override
        WaitQueue line() {
            return line;
        }

        @Override
        WaitQueue.Request request() {
            return NOTHING;
        }

        @Override
        boolean wasFulfilled() {
            return true;
        }

        @Override
        R run() throws Exception {
            return body.run();
        }
    }
}
