package asyncio.benchmarks;

import org.openjdk.jmh.annotations.Fork;

/// asyncio on the fast engine, with the one flag that it needs.
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-opens=java.base/java.lang=ALL-UNNAMED", "-Dasyncio.engine=fast"})
public class AsyncioFast extends AsyncioWorkloads {
    /// Made by JMH.
    public AsyncioFast() {}
}
