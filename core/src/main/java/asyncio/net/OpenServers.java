package asyncio.net;

import asyncio.EventLoop;
import asyncio.LoopLocal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The servers of a loop that have sockets or connections: none of these outlives the loop.
///
/// Threads: loop-confined.
final class OpenServers implements AutoCloseable {
    private static final LoopLocal<OpenServers> LOCAL = new LoopLocal<>(loop -> new OpenServers());

    private final Set<Server> servers = new LinkedHashSet<>();

    private OpenServers() {}

    static OpenServers of(EventLoop loop) {
        return LOCAL.of(loop);
    }

    void add(Server server) {
        servers.add(server);
    }

    void remove(Server server) {
        servers.remove(server);
    }

    /// With the loop.
    @Override
    public void close() {
        List<Server> left = List.copyOf(servers);
        servers.clear();
        left.forEach(Server::loopClosed);
    }
}
