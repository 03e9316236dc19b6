/// The seams: what the loop asks of the world, each replaceable, so that a test can take the
/// world's place.
///
/// Nothing outside the implementations of these interfaces reads a clock, sleeps, opens a selector,
/// draws a random number or listens for a signal. Implementations are named by the options of a
/// loop or found by `java.util.ServiceLoader`.
@NullMarked
package asyncio.spi;

import org.jspecify.annotations.NullMarked;
