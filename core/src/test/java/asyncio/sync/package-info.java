/// Unit tests of the coordination classes.
@NullMarked
package asyncio.sync;

import org.jspecify.annotations.NullMarked;
