package asyncio.net;

import asyncio.LoopOptions;
import java.util.Objects;

/// What a [LoopGroup] is made of.
///
/// Threads: immutable.
///
/// @param loops how many loops, each on a thread of its own
/// @param loop what each loop is made of
/// @param server how each loop serves; its limit of connections is that of one loop
/// @param sharedPort whether each loop listens by itself, on one port that all share (SO_REUSEPORT),
///     and the system spreads the connections; else the first loop accepts, and hands the connections
///     out in turn
public record LoopGroupOptions(int loops, LoopOptions loop, ServerOptions server, boolean sharedPort) {
    /// One loop for each processor; the port is shared where the system spreads connections by itself,
    /// as Linux does.
    public static final LoopGroupOptions DEFAULT = new LoopGroupOptions(
            Runtime.getRuntime().availableProcessors(),
            LoopOptions.defaults(),
            ServerOptions.DEFAULT,
            System.getProperty("os.name", "").startsWith("Linux"));

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if there is no loop
    public LoopGroupOptions {
        if (loops <= 0) {
            throw new IllegalArgumentException("loops must be positive: got " + loops);
        }
        Objects.requireNonNull(loop, "loop must not be null: LoopOptions.defaults() are the defaults");
        Objects.requireNonNull(server, "server must not be null: ServerOptions.DEFAULT are the defaults");
    }

    /// The same with another number of loops.
    ///
    /// @param newLoops how many
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public LoopGroupOptions loops(int newLoops) {
        return new LoopGroupOptions(newLoops, loop, server, sharedPort);
    }

    /// The same with other loops.
    ///
    /// @param newLoop what each loop is made of
    /// @return new options
    public LoopGroupOptions loop(LoopOptions newLoop) {
        return new LoopGroupOptions(loops, newLoop, server, sharedPort);
    }

    /// The same with other servers.
    ///
    /// @param newServer how each loop serves
    /// @return new options
    public LoopGroupOptions server(ServerOptions newServer) {
        return new LoopGroupOptions(loops, loop, newServer, sharedPort);
    }

    /// The same with a shared port or one loop that accepts.
    ///
    /// @param newSharedPort whether each loop listens by itself
    /// @return new options
    public LoopGroupOptions sharedPort(boolean newSharedPort) {
        return new LoopGroupOptions(loops, loop, server, newSharedPort);
    }
}
