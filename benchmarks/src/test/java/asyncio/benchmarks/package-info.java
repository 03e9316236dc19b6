/// Tests of what makes tables of measurements. No test measures anything.
@NullMarked
package asyncio.benchmarks;

import org.jspecify.annotations.NullMarked;
