/// Connections and servers over TCP, UDP and Unix sockets, and names.
@NullMarked
package asyncio.net;

import org.jspecify.annotations.NullMarked;
