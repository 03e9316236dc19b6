package asyncio.testing;

import asyncio.EventLoop;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A JUnit extension: a test fails that leaves an open loop, an open channel or a thread of the
/// library behind.
///
/// Registered by `@ExtendWith(NothingLeft.class)`, or for all tests by JUnit's automatic detection. A
/// closed loop has neither tasks nor timers, so an open one is what has to be found. Channels that are
/// still open when their loop closes are known from its log (AS401), unless the test has a logger of its
/// own.
///
/// Threads: JUnit's.
public final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
    private static final Logger LOGGER = Logger.getLogger("asyncio"); // the loops' default
    private static final long MAX_JOIN_MILLIS = 10_000; // a thread that is about to end may take a moment

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(NothingLeft.class);

    /// For JUnit.
    public NothingLeft() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("loops", new HashSet<>(EventLoop.openLoops()));
        OpenChannelReports reports = new OpenChannelReports();
        context.getStore(NAMESPACE).put("reports", reports);
        LOGGER.addHandler(reports);
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        Set<?> before = (Set<?>) context.getStore(NAMESPACE).get("loops");
        List<EventLoop> open = EventLoop.openLoops().stream()
                .filter(loop -> before == null || !before.contains(loop))
                .toList();
        open.stream().filter(loop -> !loop.isRunning()).forEach(EventLoop::close); // not to fail the next test, too
        if (!open.isEmpty()) {
            throw new AssertionError("test left open loops: " + open + "; close them");
        }
        OpenChannelReports reports =
                (OpenChannelReports) context.getStore(NAMESPACE).get("reports");
        if (reports != null) {
            LOGGER.removeHandler(reports);
            if (!reports.texts.isEmpty()) {
                throw new AssertionError("test left open channels: " + reports.texts);
            }
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("asyncio-")) {
                thread.join(MAX_JOIN_MILLIS);
                if (thread.isAlive()) {
                    throw new AssertionError("test left a thread: " + thread);
                }
            }
        }
    }

    /// Collects what loops say about channels that were left open.
    ///
    /// Threads: any thread.
    private static final class OpenChannelReports extends Handler {
        final List<String> texts = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord report) {
            if (report.getMessage().startsWith("AS401")) {
                texts.add(report.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
