/// Single-owner data structures of the event loop: the ready queue, the cross-thread inbox and the
/// timer queue.
///
/// Nothing here reads a clock, starts a thread or knows what a coroutine is: time is an argument,
/// and what is queued is opaque. That is what makes these classes testable by plain calls.
@NullMarked
package asyncio.structure;

import org.jspecify.annotations.NullMarked;
