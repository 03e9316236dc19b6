package network;

import asyncio.spi.Poller;
import java.nio.channels.SelectableChannel;
import java.util.HashMap;
import java.util.Map;

/// The real poller, which counts what it is asked for; channels of the test's own become ready when
/// the test says so.
final class CountingPoller implements Poller {
    private final Poller real = Poller.nio();
    private final Map<SelectableChannel, Fake> fakes = new HashMap<>();
    int registrations;
    int interestChanges;
    int cancellations;

    @Override
    public void poll(long timeoutNanos) {
        real.poll(timeoutNanos);
    }

    @Override
    public void wakeup() {
        real.wakeup();
    }

    @Override
    public Registration register(SelectableChannel channel, Listener listener) {
        registrations++;
        if (channel instanceof SluggishChannel) {
            Fake fake = new Fake(listener);
            fakes.put(channel, fake);
            return fake;
        }
        return new Counted(real.register(channel, listener));
    }

    /// Says that a channel of the test's own is ready, for whoever is interested.
    void tellReady(SelectableChannel channel, int operations) {
        Fake fake = fakes.get(channel);
        if (fake != null && (fake.interest & operations) != 0) {
            fake.listener.ready(fake.interest & operations);
        }
    }

    @Override
    public void close() {
        real.close();
    }

    private final class Counted implements Registration {
        private final Registration inner;

        Counted(Registration inner) {
            this.inner = inner;
        }

        @Override
        public void interest(int operations) {
            interestChanges++;
            inner.interest(operations);
        }

        @Override
        public void cancel() {
            cancellations++;
            inner.cancel();
        }
    }

    private final class Fake implements Registration {
        private final Listener listener;
        private int interest;

        Fake(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void interest(int operations) {
            interestChanges++;
            interest = operations;
        }

        @Override
        public void cancel() {
            cancellations++;
            interest = 0;
        }
    }
}
