package asyncio.spi;

/// Delivers signals of the operating system, and the end of the JVM.
///
/// Found by `java.util.ServiceLoader`; without one, a program runs on and signals do what the JVM
/// does by default.
///
/// Threads: any thread.
public interface SignalSource {
    /// Replaces the default action of a signal.
    ///
    /// @param name without the prefix, such as `INT`
    /// @param handler called on a thread of the JVM for each delivery; must not block
    /// @return ends the replacement and restores what was there before
    /// @throws IllegalArgumentException if the signal is unknown, reserved by the JVM, or handled
    ///     by somebody else
    /// @throws IllegalStateException if it was ignored when the program started, as under `nohup`
    Registration handle(String name, Runnable handler);

    /// The number of a signal, for an exit code.
    ///
    /// @param name without the prefix, such as `INT`
    /// @return the number that the operating system knows it by
    /// @throws IllegalArgumentException if the signal is unknown
    int number(String name);

    /// Sends a signal to this process.
    ///
    /// @param name without the prefix, such as `INT`
    /// @throws IllegalArgumentException if the signal is unknown or nobody handles it
    void raise(String name);

    /// Calls back when the JVM is about to end: after SIGTERM, `System.exit`, or the last thread.
    ///
    /// @param handler called on a thread of its own; the JVM waits for it
    /// @return takes the request back
    /// @throws IllegalStateException if the JVM is ending already
    Registration onShutdown(Runnable handler);

    /// A replacement that is in force.
    interface Registration extends AutoCloseable {
        /// Restores what was there before; does nothing the second time.
        @Override
        void close();
    }
}
