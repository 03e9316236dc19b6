/// asyncio's event loop and coroutines: see [asyncio.Asyncio].
module asyncio {
    requires static transitive org.jspecify;
    requires java.management;
    requires jdk.net; // SO_PEERCRED, who is at the other end of a Unix socket
    requires jdk.unsupported; // sun.misc.Signal, by reflection

    exports asyncio;
    exports asyncio.net;
    exports asyncio.process;
    exports asyncio.spi;
    exports asyncio.stream;
    exports asyncio.sync;
    exports asyncio.tls;

    uses asyncio.spi.LoopMonitor;
    uses asyncio.spi.SignalSource;

    provides asyncio.spi.SignalSource with
            asyncio.signal.JvmSignals;
    provides asyncio.spi.LoopMonitor with
            asyncio.inspect.Watchdog;
}
