package asyncio.testing;

import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// A logger that keeps what it is told, for [asyncio.LoopOptions#logger(System.Logger)].
///
/// Threads: any thread.
public final class RecordingLogger implements System.Logger {
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final List<Expectation> expectations = new CopyOnWriteArrayList<>();

    /// A logger that was told nothing.
    public RecordingLogger() {}

    /// What was logged.
    ///
    /// @return the entries, oldest first
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// The messages that contain some words.
    ///
    /// @param words the words
    /// @return the messages, oldest first
    public List<String> messagesWith(String words) {
        return entries.stream()
                .map(Entry::message)
                .filter(text -> text.contains(words))
                .toList();
    }

    /// A latch that opens when a message with some words is logged, or was logged already.
    ///
    /// @param words the words
    /// @return a new latch of one
    public CountDownLatch latchOn(String words) {
        Expectation expectation = new Expectation(words, new CountDownLatch(1));
        expectations.add(expectation);
        entries.forEach(expectation::meet);
        return expectation.latch;
    }

    private void record(Entry entry) {
        entries.add(entry);
        expectations.forEach(expectation -> expectation.meet(entry));
    }

    @Override
    public String getName() {
        return "asyncio";
    }

    @Override
    public boolean isLoggable(Level level) {
        return true;
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
        record(new Entry(level, message, thrown));
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... arguments) {
        record(new Entry(level, format, null));
    }

    /// One logged message.
    ///
    /// @param level how grave it is
    /// @param message the text
    /// @param thrown what was thrown, or null
    public record Entry(
            Level level, String message, @Nullable Throwable thrown) {}

    private record Expectation(String words, CountDownLatch latch) {
        void meet(Entry entry) {
            if (entry.message().contains(words)) {
                latch.countDown();
            }
        }
    }
}
