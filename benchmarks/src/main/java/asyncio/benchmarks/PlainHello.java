package asyncio.benchmarks;

/// The least that a Java program can do, for [StartTimes].
///
/// Threads: one.
final class PlainHello {
    private PlainHello() {}

    /// Prints a word.
    static void main() {
        System.out.println("hello");
    }
}
