package asyncio;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A broken handler, and a broken value, are logged; the loop goes on (LOOP-9, F-LOOP-13).
class ExceptionHandlerTest {
    private final List<String> logged = new ArrayList<>();

    private LoopOptions options() {
        return LoopOptions.defaults().logger(new System.Logger() {
            @Override
            public String getName() {
                return "asyncio";
            }

            @Override
            public boolean isLoggable(Level level) {
                return true;
            }

            @Override
            public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
                if (level == Level.ERROR) {
                    logged.add(text);
                }
            }

            @Override
            public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Object... values) {
                // Advice and findings: not the subject.
            }
        });
    }

    @Test
    void handler_throwsWhatItWasTold_isLoggedAndTheLoopGoesOn() {
        try (EventLoop loop = EventLoop.create(options())) {
            loop.setExceptionHandler((where, context) -> {
                throw new IllegalStateException("handler", context.exception());
            });
            loop.callSoon(() -> {
                throw new IllegalArgumentException("first");
            });
            loop.runUntilComplete(sleep(Duration.ZERO));
            loop.setExceptionHandler((where, context) -> {
                throw Sneaky.rethrow(java.util.Objects.requireNonNull(context.exception()));
            });
            loop.callSoon(() -> {
                throw new IllegalArgumentException("second");
            });
            assertThat(loop.runUntilComplete(sleep(Duration.ZERO, "went on"))).isEqualTo("went on");
        }

        assertThat(logged)
                .hasSize(2)
                .allMatch(text -> text.startsWith("Unhandled error in exception handler, which was told:"));
    }

    @Test
    void report_aboutAValueWithoutAWorkingToString_doesNotEndTheLoop() {
        try (EventLoop loop = EventLoop.create(options())) {
            Future<Object> future = loop.createFuture();
            future.addDoneCallback(done -> {
                throw new IllegalArgumentException("callback");
            });
            future.setResult(new Object() {
                @Override
                public String toString() {
                    throw new IllegalStateException("no words");
                }
            });
            loop.runUntilComplete(Asyncio.async(() -> {
                await(sleep(Duration.ZERO));
                await(sleep(Duration.ZERO));
            }));
        }

        assertThat(logged).hasSize(1).first().asString().contains("whose toString failed");
    }
}
