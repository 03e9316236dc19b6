/// The machinery of the event loop: one iteration, the queues that feed it, and the reports it
/// makes.
///
/// [LoopCore] knows jobs, timers and seams. It does not know tasks, contexts or exception handlers:
/// those are the daily API in the package above, which puts jobs in and is called back by them.
@NullMarked
package asyncio.loop;

import org.jspecify.annotations.NullMarked;
