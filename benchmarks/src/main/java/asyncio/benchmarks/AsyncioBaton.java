package asyncio.benchmarks;

import org.openjdk.jmh.annotations.Fork;

/// asyncio as it runs without any flag.
@Fork(value = 1, jvmArgsAppend = "-Dasyncio.engine=baton")
public class AsyncioBaton extends AsyncioWorkloads {
    /// Made by JMH.
    public AsyncioBaton() {}
}
