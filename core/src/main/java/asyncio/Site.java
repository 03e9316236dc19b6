package asyncio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where something was created: up to ten frames of user code, taken in debug mode only.
///
/// Threads: immutable.
final class Site {
    private static final int MAX_FRAMES = 10;
    private static final StackWalker WALKER = StackWalker.getInstance();

    private final List<StackTraceElement> frames;

    private Site(List<StackTraceElement> frames) {
        this.frames = frames;
    }

    static Site here() {
        return new Site(WALKER.walk(stream -> stream.filter(frame -> isUserCode(frame.getClassName()))
                .limit(MAX_FRAMES)
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList()));
    }

    /// Whether a class is neither ours nor the JDK's.
    static boolean isUserCode(String className) {
        return !(className.startsWith("asyncio.")
                || className.startsWith("java.")
                || className.startsWith("jdk.")
                || className.startsWith("sun."));
    }

    /// `Api.java:41`, or where that is unknown, a word that says so.
    static String locate(@Nullable Site site) {
        return site == null || site.frames.isEmpty() ? "an unknown place" : place(site.frames.getFirst());
    }

    static String place(StackTraceElement frame) {
        return frame.getFileName() == null
                ? frame.getClassName() + "." + frame.getMethodName()
                : frame.getFileName() + ":" + frame.getLineNumber();
    }

    /// The frames, one a line.
    String trace() {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement frame : frames) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }
}
