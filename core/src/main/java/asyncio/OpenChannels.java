package asyncio;

import asyncio.loop.Check;
import org.jspecify.annotations.Nullable;

/// The channels of streams, servers and sockets that a loop watches, so that none is left open.
///
/// Threads: loop-confined.
final class OpenChannels {
    private static final int MAX_LISTED = 20; // in a report

    private @Nullable ChannelWatch first; // the newest

    void add(ChannelWatch watch) {
        ChannelWatch second = first;
        watch.next = second;
        if (second != null) {
            second.previous = watch;
        }
        first = watch;
    }

    /// Takes a watch out; does nothing the second time.
    void remove(ChannelWatch watch) {
        ChannelWatch before = watch.previous;
        if (before == null && watch != first) {
            return;
        }
        ChannelWatch after = watch.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        watch.previous = null;
        watch.next = null;
    }

    /// Closes what is still open, and says so: whoever opened it should have.
    void closeAll(EventLoop loop) {
        StringBuilder list = new StringBuilder();
        int count = 0;
        ChannelWatch watch;
        while ((watch = first) != null) {
            watch.letGo();
            if (watch.isOpen()) {
                if (!watch.isEnding() && count++ < MAX_LISTED) {
                    list.append("\n  ").append(watch.describeOwner());
                }
                watch.closeOwner();
            }
        }
        if (count > 0) {
            loop.diagnostics.report(
                    Check.AS401,
                    "",
                    (count == 1 ? "a channel was" : count + " channels were")
                            + " still open when the loop was closed, and closed with it; close streams and servers where"
                            + " they are used, with try (...)"
                            + list
                            + (count > MAX_LISTED ? "\n  ..." : ""));
        }
    }
}
