package asyncio.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
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
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        poller.wakeup();

        poller.poll(FOR_EVER);

        assertThat(told).isEmpty();
    }

    @Test
    void poll_wokenWhileInSelect_returns() throws InterruptedException {
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        Thread waker = wakeOnceWaiting();

        poller.poll(FOR_EVER);

        waker.join();
        assertThat(told).isEmpty();
    }

    @Test
    void watch_readyChannel_tellsInEachPoll() throws IOException {
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        write(pipe);

        poller.poll(FOR_EVER);
        poller.poll(0);

        assertThat(told).containsExactly(SelectionKey.OP_READ, SelectionKey.OP_READ);
    }

    @Test
    void watch_otherListener_replacesTheFirst() throws IOException {
        List<Integer> second = new ArrayList<>();
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        poller.watch(pipe.source(), SelectionKey.OP_READ, second::add);
        write(pipe);

        poller.poll(FOR_EVER);

        assertThat(told).isEmpty();
        assertThat(second).containsExactly(SelectionKey.OP_READ);
    }

    @Test
    void watch_ended_parksAgainAndLetsGoOfTheChannel() throws IOException {
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        poller.watch(pipe.source(), 0, told::add);
        write(pipe);

        poller.poll(0);
        poller.wakeup();
        poller.poll(FOR_EVER);
        pipe.source().configureBlocking(true); // refused as long as it is registered anywhere

        assertThat(told).isEmpty();
    }

    @Test
    void watch_endedAndBegunAgain_tells() throws IOException {
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        poller.watch(pipe.source(), 0, told::add);
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        write(pipe);

        poller.poll(FOR_EVER);

        assertThat(told).containsExactly(SelectionKey.OP_READ);
    }

    @Test
    void watch_blockingChannel_isRefused() throws IOException {
        pipe.source().configureBlocking(true);

        assertThatThrownBy(() -> poller.watch(pipe.source(), SelectionKey.OP_READ, told::add))
                .isInstanceOf(IllegalBlockingModeException.class);
    }

    @Test
    void watch_closedChannel_isRefusedButCanBeEnded() throws IOException {
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        pipe.source().close();

        poller.watch(pipe.source(), 0, told::add);
        assertThatThrownBy(() -> poller.watch(pipe.source(), SelectionKey.OP_READ, told::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("channel must be open");
    }

    @Test
    void wakeup_closedPoller_doesNothing() {
        poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
        poller.close();
        poller.close();

        poller.wakeup();

        assertThat(told).isEmpty();
    }

    @Test
    void watch_endedForOneChannel_doesNotTellTheOthers() throws IOException {
        Pipe other = Pipe.open();
        try {
            other.source().configureBlocking(false);
            poller.watch(pipe.source(), SelectionKey.OP_READ, told::add);
            poller.watch(other.source(), SelectionKey.OP_READ, told::add);
            write(other);

            poller.watch(pipe.source(), 0, told::add);
            assertThat(told).as("told outside of a poll").isEmpty();

            poller.poll(FOR_EVER);
            assertThat(told).containsExactly(SelectionKey.OP_READ);
        } finally {
            other.source().close();
            other.sink().close();
        }
    }
}
