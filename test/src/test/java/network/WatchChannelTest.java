package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static network.NetworkRun.anyPort;
import static network.NetworkRun.bytes;
import static network.NetworkRun.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelWatch;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.net.Net;
import asyncio.net.PipePair;
import asyncio.stream.ChannelStream;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Watched channels: who may watch them, and what that costs.
@ExtendWith(NothingLeft.class)
@Spec("IO-1")
class WatchChannelTest {
    private final Pipe pipe = openPipe();

    @BeforeEach
    void makeNonBlocking() throws IOException {
        pipe.source().configureBlocking(false);
        pipe.sink().configureBlocking(false);
    }

    @AfterEach
    void close() throws IOException {
        pipe.source().close();
        pipe.sink().close();
    }

    private static Pipe openPipe() {
        try {
            return Pipe.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int read() {
        try {
            return pipe.source().read(ByteBuffer.allocate(100));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Who may watch

    @Test
    void addReader_channelOfAStream_refusedWithTheStream() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            try (ChannelStream stream = new ChannelStream(loop, pipe.source())) {
                assertThatThrownBy(() -> loop.addReader(pipe.source(), () -> {}))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is used by")
                        .hasMessageContaining(stream.toString());
                assertThat(loop.removeReader(pipe.source())).isFalse();
            }
        });
    }

    @Test
    void stream_channelWithAReader_refusedUntilThatIsRemoved() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pipe.source(), () -> {});
            assertThatThrownBy(() -> new ChannelStream(loop, pipe.source()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is used by")
                    .hasMessageContaining("addReader");
            loop.removeReader(pipe.source());
            new ChannelStream(loop, pipe.source()).close();
        });
    }

    @Test
    void addReader_afterAnAttemptThatFailed_leavesNothing() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            assertThatThrownBy(() -> loop.addReader(pipe.sink(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must support reading or accepting");
            assertThat(pipe.sink().isRegistered()).isFalse();
            try (ServerSocketChannel server = ServerSocketChannel.open()) {
                server.configureBlocking(false);
                assertThatThrownBy(() -> loop.addWriter(server, () -> {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("must support writing or connecting");
            }
        });
    }

    @Test
    void removeReader_last_frees_theChannelAtOnce() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pipe.source(), () -> {});
            assertThat(loop.removeReader(pipe.source())).isTrue();
            assertThat(pipe.source().isRegistered()).isFalse();
            pipe.source().configureBlocking(true);
            assertThatThrownBy(() -> loop.addReader(pipe.source(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("non-blocking");
        });
    }

    @Test
    void removeReader_writerStays_isCalled() {
        run(() -> {
            try (DatagramChannel channel = DatagramChannel.open().bind(anyPort())) {
                channel.configureBlocking(false);
                EventLoop loop = getRunningLoop();
                Future<@Nullable Void> written = loop.createFuture();
                List<String> calls = new ArrayList<>();
                loop.addReader(channel, () -> calls.add("reader"));
                loop.addWriter(channel, () -> calls.add("replaced"));
                loop.addWriter(channel, () -> {
                    calls.add("writer");
                    loop.removeWriter(channel);
                    written.setResult(null);
                });
                loop.removeReader(channel);
                channel.send(bytes("x"), channel.getLocalAddress());
                await(written);
                await(sleep(Duration.ZERO));
                assertThat(calls).containsExactly("writer");
                assertThat(channel.isRegistered()).isFalse();
            }
        });
    }

    // Ends

    @Test
    void addReader_channelClosedWhileWatched_refusedAndForgotten() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pipe.source(), () -> {});
            pipe.source().close();
            assertThatThrownBy(() -> loop.addReader(pipe.source(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("channel must be open");
            assertThat(loop.removeReader(pipe.source())).isFalse();
        });
    }

    @Test
    void removeReader_channelClosedWhileWatched_saysThatThereWasOne() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pipe.source(), () -> {});
            pipe.source().close();
            assertThat(loop.removeReader(pipe.source())).isTrue();
            assertThat(loop.removeReader(pipe.source())).isFalse();
        });
    }

    @Test
    void closedChannel_descriptor_isGivenBackInTheNextIteration() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pipe.source(), () -> {});
            await(sleep(Duration.ZERO));
            pipe.source().close();
            await(sleep(Duration.ZERO));
            await(sleep(Duration.ZERO));
            assertThat(pipe.source().isRegistered()).isFalse();
        });
    }

    @Test
    void loopClose_channelsAreFreeForAnotherLoop() {
        try (EventLoop first = EventLoop.create()) {
            first.addReader(pipe.source(), () -> {});
            first.addWriter(pipe.sink(), () -> {});
        }

        assertThat(pipe.source().isOpen()).isTrue();
        run(() -> {
            EventLoop loop = getRunningLoop();
            Future<Integer> got = loop.createFuture();
            loop.addReader(pipe.source(), () -> {
                loop.removeReader(pipe.source());
                got.setResult(read());
            });
            pipe.sink().write(bytes("abc"));
            assertThat(await(got)).isEqualTo(3);
        });
    }

    @Test
    void loopClose_watchedForAnOwner_channelIsClosedAndReported() {
        RecordingLogger logger = new RecordingLogger();
        ChannelWatch old;
        try (EventLoop first = EventLoop.create(LoopOptions.defaults().logger(logger))) {
            old = first.watch(pipe.source(), "test");
        }

        assertThat(pipe.source().isOpen()).isFalse();
        assertThat(logger.messagesWith("AS401")).singleElement().asString().contains("test");
        assertThatThrownBy(() -> old.onReadable(() -> {})).isInstanceOf(IllegalStateException.class);
        old.close();
    }

    @Test
    void watch_closed_refusesListeners() {
        run(() -> {
            ChannelWatch watch = getRunningLoop().watch(pipe.source(), "test");
            watch.onReadable(() -> {});
            watch.close();
            watch.close();
            assertThatThrownBy(() -> watch.onReadable(() -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            watch.onReadable(null);
            assertThat(pipe.source().isRegistered()).isFalse();
        });
    }

    // Costs

    @Test
    void addReader_manyEvents_pollerIsAskedOnce() {
        CountingPoller poller = new CountingPoller();
        run(LoopOptions.defaults().poller(() -> poller), () -> {
            EventLoop loop = getRunningLoop();
            int[] events = {0};
            Future<@Nullable Void> enough = loop.createFuture();
            loop.addReader(pipe.source(), () -> {
                read();
                if (++events[0] == 50) {
                    enough.setResult(null);
                }
            });
            Task<@Nullable Void> writing = createTask(() -> {
                while (!enough.isDone()) {
                    pipe.sink().write(bytes("x"));
                    await(sleep(Duration.ZERO));
                }
            });
            await(enough);
            await(writing);

            assertThat(poller.registrations).isEqualTo(1);
            assertThat(poller.interestChanges).isEqualTo(1);
        });
    }

    @Test
    void stream_manyMessagesWithAWaitForEach_pollerIsAskedOnce() {
        CountingPoller poller = new CountingPoller();
        run(LoopOptions.defaults().poller(() -> poller), () -> {
            try (PipePair pair = await(Net.openPipe())) {
                Task<@Nullable Void> reading = createTask(() -> {
                    ByteBuffer buffer = ByteBuffer.allocate(10);
                    for (int i = 0; i < 50; i++) {
                        await(pair.source().receive(buffer.clear()));
                    }
                });
                for (int i = 0; i < 50; i++) {
                    await(sleep(Duration.ZERO)); // the reader waits again
                    await(sleep(Duration.ZERO));
                    await(pair.sink().send(bytes("x")));
                }
                await(reading);

                assertThat(poller.interestChanges).isEqualTo(1);
            }
        });
    }
}
