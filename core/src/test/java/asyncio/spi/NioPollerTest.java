package asyncio.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Waits in here are ended by what is tested, so that a lost wake-up is a test that never ends.
@Timeout(30)
class NioPollerTest {
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final Poller poller = Poller.nio();
    private final List<Integer> told = new ArrayList<>();
    private Pipe pipe;

    NioPollerTest() throws IOException {
        pipe = Pipe.open();
    }

    @BeforeEach
    void makeNonBlocking() throws IOException {
        pipe.source().configureBlocking(false);
    }

    @AfterEach
    void closeAll() throws IOException {
        poller.close();
        pipe.source().close();
        pipe.sink().close();
    }

    private static void write(Pipe target) throws IOException {
        target.sink().write(ByteBuffer.wrap(new byte[] {1}));
    }

    private Poller.Registration watch(Pipe target) {
        Poller.Registration registration = poller.register(target.source(), told::add);
        registration.interest(SelectionKey.OP_READ);
        return registration;
    }

    private Thread wakeOnceWaiting() {
        Thread waiting = Thread.currentThread();
        return Thread.ofPlatform().start(() -> {
            while (waiting.getState() == Thread.State.RUNNABLE && !isInSelect(waiting)) {
                Thread.onSpinWait();
            }
            poller.wakeup();
        });
    }

    private static boolean isInSelect(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals("select") || frame.getMethodName().equals("doSelect")) {
                return true;
            }
        }
        return false;
    }

    @Test
    void poll_noTime_returnsAtOnce() {
        poller.poll(0);
        poller.poll(-5);

        assertThat(told).isEmpty();
    }

    @Test
    void poll_wokenBefore_doesNotPark() {
        poller.wakeup();

        poller.poll(FOR_EVER);

        assertThat(told).isEmpty();
    }

    @Test
    void poll_wokenWhileParked_returns() throws InterruptedException {
        Thread waker = wakeOnceWaiting();

        poller.poll(FOR_EVER);

        waker.join();
    }

    @Test
    void poll_deadline_isNotEarly() {
        long start = System.nanoTime();
        long end = start + TimeUnit.MILLISECONDS.toNanos(2);
        while (System.nanoTime() < end) { // may return early for no reason; must return at all
            poller.poll(end - System.nanoTime());
        }

        assertThat(System.nanoTime()).isGreaterThanOrEqualTo(end);
    }

    @Test
    void poll_wokenBeforeSelect_doesNotWait() {
        watch(pipe);
        poller.wakeup();

        poller.poll(FOR_EVER);

        assertThat(told).isEmpty();
    }

    @Test
    void poll_wokenWhileInSelect_returns() throws InterruptedException {
        watch(pipe);
        Thread waker = wakeOnceWaiting();

        poller.poll(FOR_EVER);

        waker.join();
        assertThat(told).isEmpty();
    }

    @Test
    void interest_readyChannel_tellsInEachPoll() throws IOException {
        watch(pipe);
        write(pipe);

        poller.poll(FOR_EVER);
        poller.poll(0);

        assertThat(told).containsExactly(SelectionKey.OP_READ, SelectionKey.OP_READ);
    }

    @Test
    void register_watchedAlready_isRefusedWithTheListener() {
        watch(pipe);

        assertThatThrownBy(() -> poller.register(pipe.source(), told::add))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is used by");
    }

    @Test
    void interest_none_tellsNothingUntilItIsSaidAgain() throws IOException {
        Poller.Registration registration = watch(pipe);
        write(pipe);

        registration.interest(0);
        poller.poll(0);
        assertThat(told).isEmpty();

        registration.interest(SelectionKey.OP_READ);
        poller.poll(FOR_EVER);
        assertThat(told).containsExactly(SelectionKey.OP_READ);
    }

    @Test
    void cancel_watched_parksAgainAndLetsGoOfTheChannel() throws IOException {
        watch(pipe).cancel();
        write(pipe);

        poller.poll(0);
        poller.wakeup();
        poller.poll(FOR_EVER);
        pipe.source().configureBlocking(true); // refused as long as it is registered anywhere

        assertThat(told).isEmpty();
    }

    @Test
    void register_cancelledBefore_tells() throws IOException {
        watch(pipe).cancel();
        watch(pipe);
        write(pipe);

        poller.poll(FOR_EVER);

        assertThat(told).containsExactly(SelectionKey.OP_READ);
    }

    @Test
    void register_blockingChannel_isRefused() throws IOException {
        pipe.source().configureBlocking(true);

        assertThatThrownBy(() -> poller.register(pipe.source(), told::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("channel must be in non-blocking mode");
    }

    @Test
    void cancel_closedChannel_isAllowedTwice() throws IOException {
        Poller.Registration registration = watch(pipe);
        pipe.source().close();

        registration.interest(0);
        assertThatThrownBy(() -> registration.interest(SelectionKey.OP_READ))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("channel must be open");
        registration.cancel();
        registration.cancel();
        assertThatThrownBy(() -> poller.register(pipe.source(), told::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("channel must be open");
    }

    @Test
    void wakeup_closedPoller_doesNothing() {
        watch(pipe);
        poller.close();
        poller.close();

        poller.wakeup();

        assertThat(told).isEmpty();
    }

    @Test
    void cancel_ofOneChannel_doesNotTellTheOthers() throws IOException {
        Pipe other = Pipe.open();
        try {
            other.source().configureBlocking(false);
            Poller.Registration registration = watch(pipe);
            watch(other);
            write(other);

            registration.cancel();
            assertThat(told).as("told outside of a poll").isEmpty();

            poller.poll(FOR_EVER);
            assertThat(told).containsExactly(SelectionKey.OP_READ);
        } finally {
            other.source().close();
            other.sink().close();
        }
    }
}
