/// Unit tests of the seams.
@NullMarked
package asyncio.spi;

import org.jspecify.annotations.NullMarked;
