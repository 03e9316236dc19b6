package network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Names that end in `.fake`, for the JDK's own resolver: no test depends on a name server. All other
/// names are the system's.
///
/// A name that begins with `slow` is answered when [#release()] is called.
public final class FakeNames extends InetAddressResolverProvider {
    private static final Map<String, AtomicInteger> ASKED = new ConcurrentHashMap<>();
    private static volatile CountDownLatch slow = new CountDownLatch(1);

    /// For the JDK.
    public FakeNames() {}

    /// How often the JDK was asked for a name; it keeps answers for a while.
    static int asked(String host) {
        AtomicInteger count = ASKED.get(host);
        return count == null ? 0 : count.get();
    }

    /// Answers the slow names that were asked for; those asked for from now on wait again.
    static void release() {
        CountDownLatch latch = slow;
        slow = new CountDownLatch(1);
        latch.countDown();
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return host.endsWith(".fake") ? fake(host) : system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                if (address[0] == 127) {
                    return "loopback.fake";
                }
                throw new UnknownHostException("no name");
            }
        };
    }

    private static Stream<InetAddress> fake(String host) throws UnknownHostException {
        ASKED.computeIfAbsent(host, name -> new AtomicInteger()).incrementAndGet();
        if (host.startsWith("slow")) {
            awaitRelease();
        }
        if (host.startsWith("unknown")) {
            throw new UnknownHostException("nobody knows");
        }
        return Stream.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("127.0.0.2"));
    }

    private static void awaitRelease() throws UnknownHostException {
        try {
            slow.await();
        } catch (InterruptedException e) { // the loop was closed
            throw new UnknownHostException("interrupted");
        }
    }

    @Override
    public String name() {
        return "fake";
    }
}
