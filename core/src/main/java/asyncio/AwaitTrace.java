package asyncio;

import asyncio.fiber.Fiber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Shows in a failure's stack trace where it was awaited, once for each task that it came out of.
///
/// Threads: loop-confined.
final class AwaitTrace {
    private static final int MAX_FRAMES = 512; // of one trace, after which nothing is added

    private AwaitTrace() {}

    /// Adds the frames of the current task, below a line that names both, to a failure that came
    /// out of another task.
    static void extend(Failure failure, Future<?> awaited) {
        Task<?> awaiting = Current.task();
        if (awaiting == null || failure.traced || !(awaited instanceof Task<?> failed)) {
            return;
        }
        failure.traced = true;
        StackTraceElement[] own = failure.exception.getStackTrace();
        if (own.length == 0 || own.length > MAX_FRAMES) {
            return; // not writable, or awaited through so many tasks that more tells nothing
        }
        StackTraceElement line = new StackTraceElement(
                "-- task \"" + failed.name() + "\", awaited by task \"" + awaiting.name() + "\" at", "", null, -1);
        StackTraceElement[] here = userFrames(new Throwable().getStackTrace());
        StackTraceElement[] both = Arrays.copyOf(own, own.length + 1 + here.length);
        both[own.length] = line;
        System.arraycopy(here, 0, both, own.length + 1, here.length);
        failure.exception.setStackTrace(both);
    }

    /// The user's frames of a fiber, innermost first; below those of a generator its consumer's.
    static List<StackTraceElement> userFramesOf(Fiber fiber) {
        List<StackTraceElement> frames = new ArrayList<>();
        for (Fiber each = fiber; each != null; each = each.standsInFor()) {
            Collections.addAll(frames, userFrames(each.thread().getStackTrace()));
        }
        return List.copyOf(frames);
    }

    /// The user's frames of a stack, innermost first.
    static StackTraceElement[] userFrames(StackTraceElement @Nullable [] frames) {
        return frames == null
                ? new StackTraceElement[0]
                : Arrays.stream(frames)
                        .filter(frame -> Site.isUserCode(frame.getClassName()))
                        .toArray(StackTraceElement[]::new);
    }
}
