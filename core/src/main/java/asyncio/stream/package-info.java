/// Byte streams: what sockets, TLS, pipes and memory have in common, and how tasks read and write
/// them.
@NullMarked
package asyncio.stream;

import org.jspecify.annotations.NullMarked;
