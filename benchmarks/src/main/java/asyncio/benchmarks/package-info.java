/// Benchmarks of asyncio and its peers, side by side in one run.
///
/// `benchmarks/run` measures and prints the table; `docs/performance.md` explains it. A workload has
/// the same method name in each of [AsyncioFast], [AsyncioBaton], [VirtualThreads] and
/// [KotlinCoroutines]; that is how the table finds the peers of a figure.
@NullMarked
package asyncio.benchmarks;

import org.jspecify.annotations.NullMarked;
