package asyncio.loop;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where a loop's findings and failures are logged.
///
/// A finding is logged in full three times for each place, then only when its count reaches a power
/// of ten.
///
/// Threads: any thread.
public final class Diagnostics {
    private static final int FULL_REPORTS = 3;
    private static final int MAX_PLACES = 1_000; // bounds the memory of the counts

    private final Supplier<System.Logger> logger; // asked when there is something to log: loggers start slowly
    private final String loopName;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    /// Diagnostics of one loop.
    ///
    /// @param logger gives where to log
    /// @param loopName the loop's name, which each message carries
    public Diagnostics(Supplier<System.Logger> logger, String loopName) {
        this.logger = logger;
        this.loopName = loopName;
    }

    /// Logs a finding as a warning.
    ///
    /// @param check what was looked for
    /// @param place where it was found: findings are counted by it
    /// @param message what was found and what to do
    public void report(Check check, String place, String message) {
        String key = check.name() + place;
        if (!counts.containsKey(key) && counts.size() >= MAX_PLACES) {
            counts.clear();
        }
        int count = counts.merge(key, 1, Integer::sum);
        String text = check.name() + " " + check.title() + ": " + message + " [loop " + loopName + "]";
        if (count <= FULL_REPORTS) {
            log(System.Logger.Level.WARNING, text, null);
        } else if (isPowerOfTen(count)) {
            log(System.Logger.Level.WARNING, text + " (seen " + count + " times)", null);
        }
    }

    private static boolean isPowerOfTen(int count) {
        int rest = count;
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }

    /// Logs something that is not a finding of debug mode.
    ///
    /// @param message what happened
    public void warn(String message) {
        log(System.Logger.Level.WARNING, message + " [loop " + loopName + "]", null);
    }

    /// Logs something worth knowing.
    ///
    /// @param message what happened
    public void info(String message) {
        log(System.Logger.Level.INFO, message, null);
    }

    /// Logs a failure; throws what the logger throws.
    ///
    /// @param message what happened
    /// @param exception what was thrown, or null
    public void error(String message, @Nullable Throwable exception) {
        logger.get().log(System.Logger.Level.ERROR, message + " [loop " + loopName + "]", exception);
    }

    private void log(System.Logger.Level level, String text, @Nullable Throwable exception) {
        try {
            logger.get().log(level, text, exception);
        } catch (Throwable e) {
            // The logger itself is broken: there is nobody left to tell, and the loop must go on.
        }
    }
}
