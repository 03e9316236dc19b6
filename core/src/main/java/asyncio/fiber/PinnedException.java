package asyncio.fiber;

/// A suspension that the JVM refused, because a native frame or a class initialiser is on the
/// stack.
///
/// The suspension had no effect. Threads: immutable.
public final class PinnedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    PinnedException(String message) {
        super(message);
    }

    /// Describes what pins the calling thread.
    static PinnedException here() {
        String culprit = "a native frame";
        for (StackTraceElement frame : Thread.currentThread().getStackTrace()) {
            boolean initialiser = frame.getMethodName().equals("<clinit>");
            if (initialiser || frame.isNativeMethod() && !frame.getClassName().startsWith("java.lang.")) {
                culprit = (initialiser ? "the class initialiser at " : "the native method at ") + frame;
                break;
            }
        }
        return new PinnedException("AS205: await must not be called while the thread is pinned: " + culprit
                + " is on the stack and cannot be suspended; move the await out of it");
    }
}
