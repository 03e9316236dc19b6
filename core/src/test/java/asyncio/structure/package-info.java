@NullMarked
package asyncio.structure;

import org.jspecify.annotations.NullMarked;
