package asyncio.stream;

import asyncio.EventLoop;
import asyncio.LoopLocal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The transports of a loop that are not over: what is left when the loop is closed is reported and
/// closed.
///
/// Threads: loop-confined.
final class OpenTransports implements AutoCloseable {
    private static final int MAX_NAMED = 5;
    private static final LoopLocal<OpenTransports> OF_LOOP = new LoopLocal<>(OpenTransports::new);

    private final EventLoop loop;
    private final Set<StreamTransport> open = new LinkedHashSet<>(); // they have no equals of their own

    private OpenTransports(EventLoop loop) {
        this.loop = loop;
    }

    static OpenTransports of(EventLoop loop) {
        return OF_LOOP.of(loop);
    }

    void add(StreamTransport transport) {
        open.add(transport);
    }

    void remove(StreamTransport transport) {
        open.remove(transport);
    }

    @Override
    public void close() {
        List<StreamTransport> left = List.copyOf(open);
        List<StreamTransport> forgotten = left.stream()
                .filter(transport ->
                        !transport.isClosing() && !transport.stream().isClosed()) // else reported: AS401
                .toList();
        if (!forgotten.isEmpty()) {
            loop.logWarning("unclosed transports: " + forgotten.size() + " when the loop was closed, such as "
                    + forgotten.subList(0, Math.min(MAX_NAMED, forgotten.size()))
                    + "; close each of them, or use it in a try");
        }
        left.forEach(StreamTransport::loopClosed);
    }
}
