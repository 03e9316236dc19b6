/// Benchmarks of asyncio and its peers, side by side in one run.
@NullMarked
package asyncio.benchmarks;

import org.jspecify.annotations.NullMarked;
