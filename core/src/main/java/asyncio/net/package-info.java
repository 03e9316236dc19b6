/// Connections and servers over TCP, UDP and Unix sockets, and names.
///
/// All of it works on every platform of the JDK, with few differences. On Windows the file of a Unix
/// socket has no permissions and stays after the end, ports cannot be shared, and the peer of a Unix
/// socket is not known. On macOS a connection to a Unix server that accepts nobody is refused.
@NullMarked
package asyncio.net;

import org.jspecify.annotations.NullMarked;
