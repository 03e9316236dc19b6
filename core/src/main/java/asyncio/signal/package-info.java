/// Signals of the operating system: the default [asyncio.spi.SignalSource].
@NullMarked
package asyncio.signal;

import org.jspecify.annotations.NullMarked;
