/// Unit tests of the signals.
@NullMarked
package asyncio.signal;

import org.jspecify.annotations.NullMarked;
