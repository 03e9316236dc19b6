package asyncio;

import asyncio.fiber.EngineKind;
import asyncio.spi.Clock;
import asyncio.spi.Poller;
import asyncio.spi.ReadyOrder;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What an event loop is made of.
///
/// Threads: immutable; may be used for any number of loops.
public final class LoopOptions {
    private static final LoopOptions DEFAULTS = new LoopOptions();

    private @Nullable String name; // null: Loop-N
    private @Nullable String engine; // null: system property asyncio.engine, else auto
    private @Nullable Boolean debug; // null: system property asyncio.debug, else ASYNCIO_DEBUG
    private Clock clock = Clock.system(); // as the rest: set while a copy is made, never later
    private Clock stepClock = Clock.system(); // real time
    private Supplier<Poller> poller = Poller::nio; // makes one for each loop
    private Supplier<ReadyOrder> readyOrder = ReadyOrder::fifo; // makes one for each loop
    private @Nullable ThreadFactory workerThreads; // null: virtual threads
    private System.@Nullable Logger logger; // null: System.getLogger("asyncio")

    private LoopOptions() {}

    private LoopOptions(LoopOptions other) {
        name = other.name;
        engine = other.engine;
        debug = other.debug;
        clock = other.clock;
        stepClock = other.stepClock;
        poller = other.poller;
        readyOrder = other.readyOrder;
        workerThreads = other.workerThreads;
        logger = other.logger;
    }

    /// What a loop is made of that is not told otherwise.
    ///
    /// @return the defaults
    public static LoopOptions defaults() {
        return DEFAULTS;
    }

    /// The same with a name, which messages carry.
    ///
    /// @param newName the loop's name
    /// @return new options
    public LoopOptions name(String newName) {
        LoopOptions copy = new LoopOptions(this);
        copy.name = Objects.requireNonNull(newName, "name must not be null");
        return copy;
    }

    /// The same with a fiber engine.
    ///
    /// @param newEngine `auto` (the default), `fast` or `baton`; the system property
    ///     `asyncio.engine` says the same for loops that are not told
    /// @return new options
    /// @throws IllegalArgumentException for any other word
    public LoopOptions engine(String newEngine) {
        LoopOptions copy = new LoopOptions(this);
        copy.engine = EngineKind.of(newEngine).toString();
        return copy;
    }

    /// The same with debug mode on or off.
    ///
    /// @param newDebug whether it is on, whatever the system property `asyncio.debug` and the
    ///     variable `ASYNCIO_DEBUG` say
    /// @return new options
    public LoopOptions debug(boolean newDebug) {
        LoopOptions copy = new LoopOptions(this);
        copy.debug = newDebug;
        return copy;
    }

    /// The same with a clock for the loop's time.
    ///
    /// @param newClock the clock
    /// @return new options
    public LoopOptions clock(Clock newClock) {
        LoopOptions copy = new LoopOptions(this);
        copy.clock = Objects.requireNonNull(newClock, "clock must not be null");
        return copy;
    }

    /// The same with a clock for the length of steps, which is real time even where the loop's time
    /// is not.
    ///
    /// @param newStepClock the clock
    /// @return new options
    public LoopOptions stepClock(Clock newStepClock) {
        LoopOptions copy = new LoopOptions(this);
        copy.stepClock = Objects.requireNonNull(newStepClock, "stepClock must not be null");
        return copy;
    }

    /// The same with a poller.
    ///
    /// @param newPoller makes one for each loop, which closes it
    /// @return new options
    public LoopOptions poller(Supplier<Poller> newPoller) {
        LoopOptions copy = new LoopOptions(this);
        copy.poller = Objects.requireNonNull(newPoller, "poller must not be null");
        return copy;
    }

    /// The same with an order of what is ready.
    ///
    /// @param newReadyOrder makes one for each loop
    /// @return new options
    public LoopOptions readyOrder(Supplier<ReadyOrder> newReadyOrder) {
        LoopOptions copy = new LoopOptions(this);
        copy.readyOrder = Objects.requireNonNull(newReadyOrder, "readyOrder must not be null");
        return copy;
    }

    /// The same with a maker of threads.
    ///
    /// @param newWorkerThreads makes the threads of the default executor, which are virtual if it is not told
    /// @return new options
    public LoopOptions workerThreads(ThreadFactory newWorkerThreads) {
        LoopOptions copy = new LoopOptions(this);
        copy.workerThreads = Objects.requireNonNull(newWorkerThreads, "workerThreads must not be null");
        return copy;
    }

    /// The same with a logger.
    ///
    /// @param newLogger gets the findings of debug mode and the failures that reach nobody else
    /// @return new options
    public LoopOptions logger(System.Logger newLogger) {
        LoopOptions copy = new LoopOptions(this);
        copy.logger = Objects.requireNonNull(newLogger, "logger must not be null");
        return copy;
    }

    @Nullable
    String name() {
        return name;
    }

    EngineKind engineKind() {
        return EngineKind.of(engine != null ? engine : System.getProperty("asyncio.engine", "auto"));
    }

    boolean isDebug() {
        Boolean given = debug;
        if (given != null) {
            return given;
        }
        String property = System.getProperty("asyncio.debug");
        return isOn(property != null ? property : System.getenv("ASYNCIO_DEBUG"));
    }

    private static boolean isOn(@Nullable String value) {
        return value != null
                && switch (value.trim().toLowerCase(Locale.ROOT)) {
                    case "", "0", "false", "off", "no" -> false;
                    default -> true;
                };
    }

    Clock clock() {
        return clock;
    }

    Clock stepClock() {
        return stepClock;
    }

    Poller newPoller() {
        return poller.get();
    }

    ReadyOrder newReadyOrder() {
        return readyOrder.get();
    }

    @Nullable
    ThreadFactory workerThreads() {
        return workerThreads;
    }

    System.Logger logger() {
        System.Logger given = logger;
        return given != null ? given : System.getLogger("asyncio");
    }
}
