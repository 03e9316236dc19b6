/// Child processes: started, fed, read and ended without blocking a loop.
@NullMarked
package asyncio.process;

import org.jspecify.annotations.NullMarked;
