package asyncio;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The signal callbacks of one loop (SIG-1).
///
/// Threads: loop-confined.
final class SignalHandlers {
    private final EventLoop loop;
    private final Map<String, Entry> entries = new HashMap<>();

    SignalHandlers(EventLoop loop) {
        this.loop = loop;
    }

    void set(String name, Runnable callback) {
        Objects.requireNonNull(callback, "callback must not be null");
        ReusableHandle handle = new ReusableHandle(loop, callback);
        Entry known = entries.get(name);
        if (known != null) {
            known.handle.cancel(); // may be in the ready queue
            known.handle = handle;
            return;
        }
        Entry made = new Entry(handle);
        made.listener = new SignalListener(loop, name, () -> made.handle.schedule());
        entries.put(name, made);
    }

    boolean remove(String name) {
        Entry known = entries.remove(name);
        if (known != null) {
            known.close();
        }
        return known != null;
    }

    void clear() {
        entries.values().forEach(Entry::close);
        entries.clear();
    }

    /// The callback of one signal.
    private static final class Entry {
        private ReusableHandle handle;
        private @Nullable SignalListener listener; // set before the entry is known

        Entry(ReusableHandle handle) {
            this.handle = handle;
        }

        void close() {
            handle.cancel();
            if (listener != null) {
                listener.close();
            }
        }
    }
}
