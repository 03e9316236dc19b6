package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testing.Spec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Readers and writers, on pipes and loopback sockets.
class ChannelWatchTest extends LoopFixture {
    private Pipe pipe = nothing();
    private Pipe other = nothing();

    @BeforeEach
    void open() throws IOException {
        pipe = openPipe();
        other = openPipe();
    }

    private static Pipe openPipe() throws IOException {
        Pipe opened = Pipe.open();
        opened.source().configureBlocking(false);
        opened.sink().configureBlocking(false);
        return opened;
    }

    @AfterEach
    void close() throws IOException {
        for (Pipe each : new Pipe[] {pipe, other}) {
            each.source().close();
            each.sink().close();
        }
    }

    private static int read(ReadableByteChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(64));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(WritableByteChannel channel) {
        try {
            channel.write(ByteBuffer.wrap(new byte[] {1}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Spec("LOOP-5")
    void addReader_dataArrives_calledOnTheLoopInItsContext() {
        ContextVar<String> variable = ContextVar.withDefault("variable", "default");
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<Integer> got = loop.createFuture();
            variable.set("at registration");
            loop.addReader(pipe.source(), () -> {
                note(variable.get() + " " + (getRunningLoop() == loop));
                loop.removeReader(pipe.source());
                got.setResult(read(pipe.source()));
            });
            variable.set("later");
            write(pipe.sink());

            assertThat(await(got)).isEqualTo(1);
        });

        assertThat(notes).containsExactly("at registration true");
    }

    @Test
    @Spec("LOOP-5")
    void addReader_dataNotRead_calledAgainInEachIterationUntilRemoved() {
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<@Nullable Void> third = loop.createFuture();
            write(pipe.sink());
            loop.addReader(pipe.source(), () -> {
                note("readable");
                if (notes.size() == 3) {
                    assertThat(loop.removeReader(pipe.source())).isTrue();
                    assertThat(loop.removeReader(pipe.source())).isFalse();
                    third.setResult(null);
                }
            });
            await(third);
            turns(3);
        });

        assertThat(notes).hasSize(3);
    }

    @Test
    @Spec({"F-LOOP-2", "LOOP-5"})
    void addReader_whileACallbackRequeuesItselfForEver_isServed() {
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<@Nullable Void> readable = loop.createFuture();
            Runnable[] again = new Runnable[1];
            again[0] = () -> {
                if (!readable.isDone()) {
                    loop.callSoon(again[0]);
                }
            };
            loop.callSoon(again[0]);
            loop.addReader(pipe.source(), () -> {
                loop.removeReader(pipe.source());
                readable.setResult(null);
            });
            write(pipe.sink());

            await(readable);
            note("served");
        });

        assertThat(notes).containsExactly("served");
    }

    @Test
    @Spec("LOOP-5")
    void iteration_readyIoAndTimer_inThisOrder() {
        try (EventLoop loop = EventLoop.create(realOptions().clock(time))) {
            loop.addReader(pipe.source(), () -> {
                note("io");
                loop.removeReader(pipe.source());
            });
            write(pipe.sink());
            loop.callLater(Duration.ZERO, () -> note("timer"));
            loop.callSoon(() -> note("ready"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("ready", "io", "timer");
    }

    @Test
    @Spec("LOOP-5")
    void readerAndWriter_ofOneSocketBothReady_readerFirst() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(loopback());
                SocketChannel client = SocketChannel.open(server.getLocalAddress());
                SocketChannel accepted = server.accept();
                EventLoop loop = EventLoop.create(realOptions())) {
            accepted.write(ByteBuffer.wrap(new byte[] {1}));
            client.configureBlocking(false);
            loop.runUntilComplete(async(() -> {
                Future<@Nullable Void> bothReady = loop.createFuture();
                loop.addWriter(client, () -> note("writer"));
                loop.addReader(client, () -> {
                    note("reader");
                    loop.removeReader(client);
                    loop.callSoon(() -> {
                        loop.removeWriter(client);
                        bothReady.setResult(null);
                    });
                });
                await(bothReady);
            }));
        }

        int reader = notes.indexOf("reader");
        assertThat(notes.subList(reader, notes.size())).startsWith("reader", "writer");
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Test
    void addReader_ofAListeningSocket_calledForAConnection() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(loopback())) {
            server.configureBlocking(false);
            runReal(() -> {
                EventLoop loop = getRunningLoop();
                Future<SocketChannel> accepted = loop.createFuture();
                loop.addReader(server, () -> {
                    try {
                        loop.removeReader(server);
                        accepted.setResult(server.accept());
                    } catch (IOException e) {
                        accepted.setException(e);
                    }
                });
                Future<@Nullable Void> connected = loop.createFuture();
                try (SocketChannel client = SocketChannel.open()) {
                    client.configureBlocking(false);
                    client.connect(server.getLocalAddress());
                    loop.addWriter(client, () -> {
                        loop.removeWriter(client);
                        connected.setResult(null);
                    });
                    await(connected);
                    assertThat(client.finishConnect()).isTrue();
                    await(accepted).close();
                }
                note("both sides");
            });
        }

        assertThat(notes).containsExactly("both sides");
    }

    @Test
    void addWriter_pipeWithRoom_calledAndRemovable() {
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<@Nullable Void> writable = loop.createFuture();
            loop.addWriter(pipe.sink(), () -> {
                assertThat(loop.removeWriter(pipe.sink())).isTrue();
                writable.setResult(null);
            });
            await(writable);
            assertThat(loop.removeWriter(pipe.sink())).isFalse();
        });
    }

    @Test
    void addReader_again_replacesTheCallback() {
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<@Nullable Void> called = loop.createFuture();
            loop.addReader(pipe.source(), () -> note("old"));
            loop.addReader(pipe.source(), () -> {
                note("new");
                loop.removeReader(pipe.source());
                called.setResult(null);
            });
            write(pipe.sink());
            await(called);
        });

        assertThat(notes).containsExactly("new");
    }

    @Test
    void removeReader_byACallbackThatRunsBefore_readerIsNotCalledAnyMore() {
        try (EventLoop loop = EventLoop.create(realOptions().clock(time))) {
            write(pipe.sink());
            loop.addReader(pipe.source(), () -> note("reader"));
            loop.callSoon(() -> loop.removeReader(pipe.source()));
            runOnce(loop); // both are ready in this iteration, the callback first
            runOnce(loop);
        }

        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("LOOP-5")
    void removeReader_whileAnotherChannelIsReady_theOtherIsCalledOnlyWhileItHasData() {
        try (EventLoop loop = EventLoop.create(realOptions().clock(time))) {
            write(pipe.sink());
            write(other.sink());
            loop.addReader(pipe.source(), () -> note("never"));
            loop.addReader(other.source(), () -> note("read " + read(other.source())));
            loop.callSoon(() -> loop.removeReader(pipe.source()));
            runOnce(loop);
            runOnce(loop);
            runOnce(loop);
        }

        assertThat(notes).containsExactly("read 1");
    }

    @Test
    @Spec("LOOP-4")
    void removeReader_neverAdded_falseWithoutAskingThePoller() {
        try (EventLoop loop = newLoop()) { // its poller watches no channels
            assertThat(loop.removeReader(pipe.source())).isFalse();
            assertThat(loop.removeWriter(pipe.sink())).isFalse();
        }
    }

    @Test
    void addReader_failingCallback_reportedAndCalledAgain() {
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<@Nullable Void> second = loop.createFuture();
            write(pipe.sink());
            loop.addReader(pipe.source(), () -> {
                note("called");
                if (notes.size() == 1) {
                    throw new IllegalStateException("broken");
                }
                loop.removeReader(pipe.source());
                second.setResult(null);
            });
            await(second);
        });

        assertThat(notes).hasSize(2);
        assertThat(logger.messagesWith("Exception in callback")).hasSize(1);
    }

    @Test
    void addReader_blockingOrClosedChannel_refusedAndTheLoopGoesOn() throws IOException {
        other.source().close();
        Pipe blocking = Pipe.open();
        try (EventLoop loop = EventLoop.create(realOptions().clock(time))) {
            assertThatThrownBy(() -> loop.addReader(blocking.source(), () -> note("called")))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> loop.addReader(other.source(), () -> note("called")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("channel must be open");
            assertThat(loop.removeReader(blocking.source())).isFalse();
            loop.callSoon(() -> note("went on"));
            runOnce(loop);
        } finally {
            blocking.source().close();
            blocking.sink().close();
        }

        assertThat(notes).containsExactly("went on");
    }

    @Test
    void watchedChannel_closedByItsOwner_loopGoesOnWithTheOthers() {
        runReal(() -> {
            EventLoop loop = getRunningLoop();
            Future<@Nullable Void> served = loop.createFuture();
            loop.addReader(pipe.source(), () -> note("closed one"));
            loop.addReader(other.source(), () -> {
                loop.removeReader(other.source());
                served.setResult(null);
            });
            pipe.source().close();
            write(other.sink());
            await(served);
            loop.removeReader(pipe.source());
        });

        assertThat(notes).isEmpty();
    }
}
