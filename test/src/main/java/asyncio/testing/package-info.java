/// Testing programs on asyncio: virtual time, seeded schedules, a simulated network, tests for streams of your own,
/// recorded logs, and a check that nothing is left over.
@NullMarked
package asyncio.testing;

import org.jspecify.annotations.NullMarked;
