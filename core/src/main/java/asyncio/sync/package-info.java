/// Coordination between tasks of one loop: locks, conditions, events, semaphores,
/// barriers, queues.
@NullMarked
package asyncio.sync;

import org.jspecify.annotations.NullMarked;
