/// Looking at running loops from outside: the watchdog of debug mode.
@NullMarked
package asyncio.inspect;

import org.jspecify.annotations.NullMarked;
