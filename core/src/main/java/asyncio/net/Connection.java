package asyncio.net;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ExceptionContext;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.StreamClosedException;
import asyncio.stream.StreamTransport;
import asyncio.stream.Upgrade;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A connection that a server has accepted: its stream, and the task that serves it.
///
/// Threads: loop-confined.
final class Connection {
    /*
     * It is over for `waitClosed` when its channel is closed, as in asyncio; for `stop` when its task is done, too. The
     * channel says so itself, whoever closes it: the handler, the server, or TLS on top of it.
     *
     * A task that is cancelled before its first step never runs its body: so what must happen in any case is done by its
     * done callback.
     */
    private final Server server;
    private final ChannelStream channel; // what was accepted
    private ByteStream stream; // what is used: the channel, or TLS on it
    private @Nullable StreamTransport transport; // on the stream, if the handler uses one: it is told of the end
    private @Nullable Task<@Nullable Void> task;
    private boolean serving; // the upgrade is done
    private boolean gone; // the channel is closed
    private boolean cutOff; // the server has closed it: that it is closed is no failure of the handler's

    Connection(Server server, ChannelStream channel) {
        this.server = server;
        this.channel = channel;
        stream = channel;
        channel.onClose(this::channelClosed);
    }

    /// The stream, after the upgrade.
    ByteStream stream() {
        return stream;
    }

    /// Says on what the handler works: it keeps what was written, and a protocol waits for its word.
    void carries(StreamTransport newTransport) {
        transport = newTransport;
    }

    void start() {
        Task<@Nullable Void> started = server.loop().createTask(Asyncio.async(() -> run()));
        task = started;
        started.addDoneCallback(this::taskDone);
    }

    private void run() throws Exception {
        try {
            Upgrade upgrade = server.options().upgrade();
            if (upgrade != null) {
                stream = await(upgrade.over(channel), IOException.class);
            }
            serving = true;
            server.service().serve(this);
        } catch (CancelledError | SystemExit | KeyboardInterrupt e) {
            close();
            throw e;
        } catch (Throwable e) {
            close();
            if (server.loop().isClosed()) {
                throw e; // unwound with the loop
            }
            report(e);
        }
    }

    private void report(Throwable e) {
        if (cutOff && e instanceof StreamClosedException) {
            return;
        }
        if (!serving) {
            server.upgradeFailed(e, this);
            return;
        }
        server.loop()
                .callExceptionHandler(ExceptionContext.of("Unhandled exception in client_connected_cb", e)
                        .withFuture(task));
    }

    private void taskDone(Future<@Nullable Void> done) {
        if (!done.isCancelled()) {
            var _ = done.exception(); // a fatal one, which has ended the loop: it is known
        }
        if (!serving) {
            channel.close(); // it was cancelled before it began; or did not get its upgrade
        }
        server.ended(this);
    }

    private void channelClosed() {
        gone = true;
        server.channelClosed(this);
    }

    /// Whether nothing of it is left.
    boolean isOver() {
        return gone && !isServed();
    }

    boolean isServed() {
        return task != null && !task.isDone();
    }

    boolean isTask(@Nullable Task<?> candidate) {
        return task != null && task.equals(candidate);
    }

    void cancelTask() {
        cutOff = true;
        if (task != null && !task.isDone()) {
            task.cancel("the server is stopped");
        }
    }

    /// Closes, in good form if there is one.
    void closeForServer() {
        cutOff = true;
        close();
    }

    private void close() {
        if (transport != null) {
            transport.close();
        } else {
            stream.close();
        }
    }

    void abort() {
        cutOff = true;
        if (transport != null && !server.loop().isClosed()) { // else the loop itself tells it
            transport.abort();
        }
        stream.abort();
        channel.abort(); // if the upper stream did not
    }

    @Override
    public String toString() {
        return "<Connection " + stream + (isServed() ? " served" : "") + ">";
    }
}
