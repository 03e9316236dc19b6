package asyncio.cli;

import asyncio.Asyncio;
import java.io.PrintStream;

/// Says what is in use here, and what to change if something is missing.
///
/// Threads: one thread.
final class Doctor {
    private final PrintStream out;

    Doctor(PrintStream out) {
        this.out = out;
    }

    void report() {
        out.println("asyncio  " + Main.version());
        out.println("java     " + System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vendor")
                + "), " + System.getProperty("java.home"));
        out.println("cache    " + ProgramCache.ofUser(System.getenv()).directory());
        out.println("engine   " + Asyncio.engine());
        String advice = Asyncio.engineAdvice();
        if (!advice.isEmpty()) {
            out.println("advice   " + advice);
        }
    }
}
