/// TLS 1.2 and 1.3 over any byte stream: [asyncio.tls.TlsContext] says how, and makes the
/// [asyncio.stream.Upgrade]s that do it.
@NullMarked
package asyncio.tls;

import org.jspecify.annotations.NullMarked;
