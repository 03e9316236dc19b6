package asyncio.net;

import asyncio.Asyncio;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Hands the connections that the first loop of a group accepts out to all of its loops, in turn.
///
/// Threads: confined to the first loop, but for what says so.
final class Dispatcher implements Acceptor.Sink {
    /*
     * When the group stops, the first loop stops accepting, then it says so by `closed`, then the others stop: so that
     * none of them ends while a connection is on its way to it.
     *
     * A limit of connections is that of each loop. So the others say when one of theirs is closed, by a message to the
     * first loop, where `open` counts. Without a limit there is nothing to say.
     */
    private final LoopGroup group;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private int[] open = {}; // connections of each loop, if there is a limit
    private int next; // whose turn it is
    private @Nullable Server first; // which accepts

    Dispatcher(LoopGroup group) {
        this.group = group;
    }

    private int limit() {
        return group.options().server().maxConnections();
    }

    private boolean isLimited() {
        return limit() != ServerOptions.NO_LIMIT;
    }

    /// In a task of each loop: its server is there.
    void watch(Server server, int index) {
        if (index == 0) {
            first = server;
            server.onClosed(() -> closed.complete(null));
            open = new int[group.options().loops()];
        }
        if (isLimited()) {
            server.onFewer(() -> tellFewer(index));
        }
    }

    /// In a task of any loop: waits until no more connections are handed out.
    void awaitClosed() {
        Asyncio.await(closed.copy());
    }

    private void tellFewer(int index) {
        try {
            group.members().getFirst().loop().callSoonThreadsafe(() -> fewer(index));
        } catch (IllegalStateException e) {
            // The first loop is closed: nobody accepts any more.
        }
    }

    private void fewer(int index) {
        open[index]--;
        Objects.requireNonNull(first).resume();
    }

    @Override
    public boolean hasRoom() {
        for (int count : open) {
            if (count < limit()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void accepted(SocketChannel channel) {
        List<GroupMember> members = group.members();
        while (open[next] >= limit()) {
            next = (next + 1) % members.size();
        }
        if (isLimited()) {
            open[next]++;
        }
        members.get(next).give(channel);
        next = (next + 1) % members.size();
    }
}
