/// Unit tests of core, in the packages of what they test.
@NullMarked
package asyncio;

import org.jspecify.annotations.NullMarked;
