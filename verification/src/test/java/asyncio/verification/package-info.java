/// Rules that hold for all modules together.
@NullMarked
package asyncio.verification;

import org.jspecify.annotations.NullMarked;
