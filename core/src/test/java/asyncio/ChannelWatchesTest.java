package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.Pipe;
import org.junit.jupiter.api.Test;

/// What is kept of channels that were closed while they were watched.
class ChannelWatchesTest {
    @Test
    void setReader_channelsClosedWithoutRemoval_keptNoMoreThanTheOpenOnesAndAFew() throws IOException {
        try (EventLoop loop = EventLoop.create()) {
            ChannelWatches watches = new ChannelWatches(loop);
            for (int i = 0; i < 100; i++) {
                Pipe pipe = Pipe.open();
                pipe.source().configureBlocking(false);
                watches.setReader(pipe.source(), () -> {});
                pipe.source().close();
                pipe.sink().close();
            }

            assertThat(watches.size()).isLessThanOrEqualTo(16);
        }
    }

    @Test
    void setReader_openChannels_allKept() throws IOException {
        Pipe[] pipes = new Pipe[40];
        try (EventLoop loop = EventLoop.create()) {
            ChannelWatches watches = new ChannelWatches(loop);
            for (int i = 0; i < pipes.length; i++) {
                pipes[i] = Pipe.open();
                pipes[i].source().configureBlocking(false);
                watches.setReader(pipes[i].source(), () -> {});
            }

            assertThat(watches.size()).isEqualTo(pipes.length);
            for (Pipe pipe : pipes) {
                assertThat(watches.setReader(pipe.source(), null)).isTrue();
            }
            assertThat(watches.size()).isZero();
        } finally {
            for (Pipe pipe : pipes) {
                pipe.source().close();
                pipe.sink().close();
            }
        }
    }
}
