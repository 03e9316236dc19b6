/// Coordination between tasks of one loop: locks, events, semaphores, queues.
@NullMarked
package asyncio.sync;

import org.jspecify.annotations.NullMarked;
