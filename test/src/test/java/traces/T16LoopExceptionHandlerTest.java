package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.RunOptions;
import asyncio.testing.Spec;
import java.util.Objects;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A failing callback goes to the exception handler, the loop goes on: what the handler is told, in
/// which context it runs, and that its own failure is only logged.
@Spec({"LOOP-8", "LOOP-9", "F-LOOP-13", "F-LOOP-14", "CTX-1"})
class T16LoopExceptionHandlerTest extends Trace {
    private final ContextVar<String> place = ContextVar.withDefault("place", "nowhere");

    private void fail(String text) {
        throw new Boom(text);
    }

    private void handler(EventLoop loop, ExceptionContext context) {
        Throwable exception = Objects.requireNonNull(context.exception());
        print(
                "handler",
                name(exception),
                exception.getMessage(),
                "callback:",
                yes(context.message().startsWith("Exception in callback")),
                "handle:",
                yes(context.handle() != null),
                "place:",
                place.get());
    }

    private void brokenHandler(EventLoop loop, ExceptionContext context) {
        print("broken handler", name(context.exception()));
        throw new IllegalArgumentException("in the handler");
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        loop.setExceptionHandler(this::handler);
        loop.callSoon(() -> fail("plain"));
        Context.copyOfCurrent().run(() -> {
            place.set("registered here");
            loop.callSoon(() -> fail("in context"));
        });
        loop.callSoon(() -> print("callback", "after the failures"));
        await(sleep(seconds(0)));
        print("main", "place:", place.get());
        loop.setExceptionHandler(this::brokenHandler);
        loop.callSoon(() -> fail("again"));
        loop.callSoon(() -> print("callback", "after the broken handler"));
        await(sleep(seconds(0)));
        print("main", "the loop lives");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), RunOptions.defaults().loop(virtual().logger(new PrintingLogger())));

        assertPrinted("16-loop-exception-handler");
    }

    /// Prints when it is told: where a failure is logged among the callbacks is the subject.
    private final class PrintingLogger implements System.Logger {
        @Override
        public String getName() {
            return "asyncio";
        }

        @Override
        public boolean isLoggable(Level level) {
            return level != Level.INFO; // which engine runs is said at most once
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
            boolean broken = message.contains("Unhandled error in exception handler");
            if (isLoggable(level)) {
                print("log", broken ? "handler failure" : "other");
            }
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... arguments) {
            log(level, bundle, format, (Throwable) null);
        }
    }
}
