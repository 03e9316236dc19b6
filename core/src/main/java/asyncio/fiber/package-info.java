/// Starting, suspending and resuming a coroutine's own virtual thread: the only package that
/// touches JDK internals.
///
/// A [Fiber] is one virtual thread that runs jobs of one loop. Two engines move them:
/// [CarrierEngine] mounts fibers on the loop's own thread (fast; needs a JVM flag), [BatonEngine]
/// keeps to public API and passes a baton from thread to thread. Both promise the same: one fiber
/// of a loop runs at a time, and another takes over only where the first one suspends, whatever it
/// blocks on in between.
///
/// The measurements and the stress runs behind the protocols are in `docs/design.md`.
@NullMarked
package asyncio.fiber;

import org.jspecify.annotations.NullMarked;
