package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.createDatagramEndpoint;
import static asyncio.net.Net.createServer;
import static asyncio.net.Net.openDatagramEndpoint;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static network.NetworkRun.anyPort;
import static network.Streams.HOST;
import static network.Streams.yieldTurns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.TimeoutException;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.LoopGroup;
import asyncio.net.LoopGroupOptions;
import asyncio.net.Net;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StaggeredRace;
import asyncio.process.Environment;
import asyncio.process.ProcessOptions;
import asyncio.process.Processes;
import asyncio.process.SubprocessProtocol;
import asyncio.process.SubprocessTransport;
import asyncio.stream.ByteStream;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamTransport;
import asyncio.stream.Transport;
import asyncio.sync.Event;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.tls.TlsContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What was found by reading the code of streams, servers and processes with bad intentions.
@ExtendWith(NothingLeft.class)
class NetworkReviewedTest {
    /// What a call on another thread throws, while the loop runs.
    private static Throwable onOtherThread(Runnable call) {
        return await(Asyncio.toThread((Body<Throwable>) () -> {
            try {
                call.run();
                return new AssertionError("not refused");
            } catch (Throwable e) {
                return e;
            }
        }));
    }

    // TLS

    @Test
    void tlsAclose_peerHasSaidGoodbyeAndTakesNothing_waitsWithoutSpinning() {
        NetworkRun.run(
                () -> { // in virtual time, one that spins would never end
                    TlsContext limited = TlsLab.CLIENT.shutdownTimeout(Duration.ofMillis(100));
                    try (TlsLab.Ends ends = TlsLab.connect(limited, TlsLab.SERVER.halfClose(), 1000)) {
                        await(Asyncio.moveOnAfter(
                                Duration.ofMillis(1), () -> await(ends.client().send(ByteBuffer.allocate(100_000)))));
                        await(ends.server().sendEof());
                        long before = getRunningLoop().iterationCount();
                        assertThatThrownBy(() -> await(ends.client().aclose())).isInstanceOf(TimeoutException.class);
                        assertThat(getRunningLoop().iterationCount() - before).isLessThan(50);
                    }
                });
    }

    /// The server's session tickets are there, or on their way, and the client reads nothing: the system resets a
    /// connection that is closed with bytes unread, and forgets what is on its way.
    @ParameterizedTest
    @CsvSource({"true, false", "false, false", "true, true", "false, true"})
    void tlsClose_withoutAnythingRead_losesNothingThatWasSent(boolean ticketsAreThere, boolean byWriter) {
        NetworkRun.run(() -> {
            int count = 300_000; // more than the peer's system takes, less than one's own keeps
            Event opened = new Event();
            Event closed = new Event();
            List<Integer> received = new ArrayList<>();
            try (Server server = await(serve(
                    plain -> {
                        ByteStream upper = await(TlsLab.SERVER.server().over(plain));
                        opened.set(); // its tickets are sent
                        await(closed.awaitSet());
                        received.add(Streams.receiveAll(upper).length());
                    },
                    HOST,
                    0))) {
                ByteStream stream = await(TlsLab.CLIENT.client("localhost").over(await(connect(HOST, server.port()))));
                if (ticketsAreThere) {
                    await(opened.awaitSet());
                }
                if (byWriter) {
                    StreamPair pair = StreamPair.over(stream, StreamPair.DEFAULT_LIMIT);
                    pair.writer().write(new byte[count]);
                    closed.set(); // the peer must take some
                    await(pair.writer().aclose());
                } else {
                    await(stream.send(ByteBuffer.allocate(count)));
                    stream.close();
                    closed.set();
                }
                await(server.aclose());
            }
            assertThat(received).containsExactly(count);
        });
    }

    @Test
    void tlsSend_muchToAFastPeer_isDoneInSeveralTurns() {
        TlsLab.inVirtualTime(() -> {
            try (TlsLab.Ends ends = TlsLab.connect(TlsLab.CLIENT, TlsLab.SERVER, 64 << 20)) {
                ByteBuffer much = ByteBuffer.allocate(16 << 20);
                assertThat(ends.client().trySend(much)).isLessThan(4 << 20);
            }
        });
    }

    // Servers

    @Test
    @SuppressWarnings("try") // that it is connected is enough
    void abortClients_protocolThatHasPausedReading_isTold() {
        NetworkRun.run(() -> {
            List<Recorder> protocols = new ArrayList<>();
            try (Server server = await(createServer(
                            () -> {
                                Recorder made = new Recorder() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        super.connectionMade(transport);
                                        transport.pauseReading();
                                    }
                                };
                                protocols.add(made);
                                return made;
                            },
                            HOST,
                            0));
                    ByteStream client =
                            await(connect(HOST, server.localAddress().getPort()))) {
                while (protocols.isEmpty() || protocols.getFirst().log.isEmpty()) {
                    await(sleep(Duration.ofMillis(1)));
                }
                server.abortClients();
                assertThat(server.connectionCount()).isZero();
                yieldTurns(5);
                assertThat(protocols.getFirst().log).containsExactly("made", "lost null");
            }
        });
    }

    @Test
    @SuppressWarnings("try") // that it is connected is enough
    void abortClients_handlerThatWaitsForTheEnd_goesOn() {
        NetworkRun.run(() -> {
            List<String> log = new ArrayList<>();
            try (Server server = await(startServer(
                            (reader, writer) -> {
                                log.add("begun");
                                await(writer.waitClosed());
                                log.add("over");
                            },
                            HOST,
                            0));
                    ByteStream client =
                            await(connect(HOST, server.localAddress().getPort()))) {
                while (log.isEmpty()) {
                    await(sleep(Duration.ofMillis(1)));
                }
                server.abortClients();
                yieldTurns(5);
                assertThat(log).containsExactly("begun", "over");
            }
        });
    }

    @Test
    void accept_eagerHandlerThatExits_endsTheRun() {
        RecordingLogger logger = new RecordingLogger();
        FakeListener listener = new FakeListener();
        assertThatThrownBy(() -> Asyncio.run(
                        () -> {
                            getRunningLoop().setTaskFactory(TaskFactory.eager());
                            listener.connections(1);
                            Server server = await(serve(
                                    stream -> {
                                        throw new SystemExit(3);
                                    },
                                    listener,
                                    ServerOptions.DEFAULT));
                            await(sleep(Duration.ofSeconds(30)));
                            server.close();
                        },
                        FakeListener.options(logger)))
                .isInstanceOf(SystemExit.class);
    }

    // Races

    @Test
    void staggeredRace_eagerAttemptThatSucceedsAtOnce_wins() {
        Asyncio.run(
                () -> {
                    getRunningLoop().setTaskFactory(TaskFactory.eager());
                    for (Duration delay : List.of(Duration.ZERO, Duration.ofMillis(250))) {
                        List<String> discarded = new ArrayList<>();
                        List<Body<String>> attempts = List.of(() -> "first", () -> "second", () -> "third");
                        assertThat(await(new StaggeredRace<>(attempts, delay, discarded::add).run()))
                                .contains("first");
                        assertThat(discarded).isEmpty();
                    }
                },
                Streams.inVirtualTime());
    }

    // Threads

    @Test
    void datagramEndpointClose_onAnotherThread_isRefusedAndChangesNothing() {
        NetworkRun.run(() -> {
            try (DatagramEndpoint endpoint = await(openDatagramEndpoint(DatagramOptions.at(anyPort())))) {
                assertThat(onOtherThread(endpoint::close)).hasMessageContaining("AS201");
                assertThat(endpoint.isClosed()).isFalse();
            }
        });
    }

    @Test
    void datagramTransport_onAnotherThread_refusesAndChangesNothing() {
        NetworkRun.run(() -> {
            List<String> log = new ArrayList<>();
            var transport = await(createDatagramEndpoint(
                            () -> new DatagramProtocol() {
                                @Override
                                public void connectionLost(Throwable error) {
                                    log.add("lost");
                                }
                            },
                            DatagramOptions.at(anyPort())))
                    .transport();
            assertThat(onOtherThread(transport::close)).hasMessageContaining("AS201");
            assertThat(onOtherThread(transport::abort)).hasMessageContaining("AS201");
            assertThat(onOtherThread(() -> transport.sendto(ByteBuffer.allocate(1), Streams.loopback(9))))
                    .hasMessageContaining("AS201");
            assertThat(transport.isClosing()).isFalse();
            transport.close();
            yieldTurns(3);
            assertThat(log).containsExactly("lost");
        });
    }

    @Test
    void tlsClose_onAnotherThread_isRefusedAndChangesNothing() {
        NetworkRun.run(() -> {
            try (Server server = await(serve(
                            plain -> {
                                ByteStream upper = await(TlsLab.SERVER.server().over(plain));
                                Streams.echo(upper);
                                await(upper.aclose());
                            },
                            HOST,
                            0));
                    ByteStream stream = await(TlsLab.CLIENT
                            .client("localhost")
                            .over(await(connect(HOST, server.localAddress().getPort()))))) {
                assertThat(onOtherThread(stream::close)).hasMessageContaining("AS201");
                assertThat(onOtherThread(stream::abort)).hasMessageContaining("AS201");
                assertThat(stream.isClosed()).isFalse();
                assertThat(Streams.ask(stream, "still there")).isEqualTo("still there");
                await(stream.aclose());
            }
        });
    }

    @Test
    void memoryStreamClose_onAnotherThread_isRefused() {
        NetworkRun.run(() -> {
            MemoryStream near = MemoryStream.pair(getRunningLoop()).getFirst();
            assertThat(onOtherThread(near::close)).hasMessageContaining("AS201");
            assertThat(onOtherThread(near::abort)).hasMessageContaining("AS201");
            assertThat(near.isClosed()).isFalse();
        });
    }

    @Test
    void transportReading_onAnotherThread_isRefused() {
        NetworkRun.run(() -> {
            MemoryStream near = MemoryStream.pair(getRunningLoop()).getFirst();
            StreamTransport transport = StreamTransport.attach(near, new Recorder());
            await(transport.waitMade());
            assertThat(onOtherThread(transport::pauseReading)).hasMessageContaining("AS201");
            assertThat(onOtherThread(transport::resumeReading)).hasMessageContaining("AS201");
            assertThat(transport.isReading()).isTrue();
            transport.close();
            await(transport.waitLost());
        });
    }

    // Processes

    @Test
    void subprocessTransportClose_rightBeforeTheLoopIsClosed_isEnough() {
        RecordingLogger logger = new RecordingLogger();
        for (int i = 0; i < 5; i++) { // whether the child has ended by then is chance
            EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
            loop.runUntilComplete(async(() -> await(Processes.subprocessExec(
                            () -> new SubprocessProtocol() {}, ProcessOptions.DEFAULT, "sleep", "1000"))
                    .close()));
            loop.close();
        }
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void createSubprocess_variableThatTheSystemCannotHave_leavesNothingOpen() {
        NetworkRun.run(() -> {
            await(Processes.runProcess("true")); // what the first child needs, stays
            long before = Descriptors.channels();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> await(Processes.createSubprocessExec(
                                ProcessOptions.PIPED.environment(Environment.INHERITED.with("A", "x\0y")), "true")))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(Descriptors.channels()).isEqualTo(before);
        });
    }

    @Test
    void subprocessProtocol_callbacksThatFailWithAnError_areReportedAndTheEndIsTold() {
        RecordingLogger logger = new RecordingLogger();
        List<String> log = new ArrayList<>();
        Asyncio.run(
                () -> {
                    SubprocessTransport transport = await(Processes.subprocessExec(
                            () -> new SubprocessProtocol() {
                                @Override
                                public void processExited() {
                                    throw new AssertionError("of the user");
                                }

                                @Override
                                public void pipeConnectionLost(int fd, Throwable error) {
                                    throw new AssertionError("of the user");
                                }

                                @Override
                                public void connectionLost(Throwable error) {
                                    log.add("lost");
                                }
                            },
                            ProcessOptions.PIPED,
                            "true"));
                    await(Asyncio.moveOnAfter(Duration.ofSeconds(5), () -> {
                        while (log.isEmpty()) {
                            await(sleep(Duration.ofMillis(5)));
                        }
                    }));
                    transport.close();
                },
                Streams.recordedBy(logger));
        assertThat(log).containsExactly("lost");
        assertThat(logger.messagesWith("Fatal error: protocol.")).hasSize(4);
    }

    // Names

    @Test
    void resolver_namesThatNobodyWaitsForAnyMore_areNotLookedUp() {
        NetworkRun.run(() -> {
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 12; i++) { // four more than there are threads
                String name = "slow-reviewed-" + i + ".fake";
                tasks.add(createTask(() -> await(Net.getaddrinfo(name, 1))));
            }
            while (FakeNames.asked("slow-reviewed-7.fake") == 0) {
                await(sleep(Duration.ofMillis(5)));
            }
            Task<?> again = createTask(() -> await(Net.getaddrinfo("slow-reviewed-11.fake", 1)));
            await(sleep(Duration.ofMillis(1)));
            tasks.forEach(Task::cancel);
            await(sleep(Duration.ofMillis(1)));
            while (!again.isDone()) {
                FakeNames.release();
                await(sleep(Duration.ofMillis(5)));
            }
            assertThat(FakeNames.asked("slow-reviewed-8.fake")).isZero();
            assertThat(FakeNames.asked("slow-reviewed-10.fake")).isZero();
            assertThat(FakeNames.asked("slow-reviewed-11.fake")).isEqualTo(1);
        });
    }

    // Groups

    @Test
    void loopGroup_cancelledWhileAHandlerIsMade_ends() throws InterruptedException {
        List<EventLoop> loops = new CopyOnWriteArrayList<>();
        CountDownLatch begun = new CountDownLatch(2);
        CompletableFuture<LoopGroup> starting = LoopGroup.serve(
                () -> {
                    loops.add(getRunningLoop());
                    begun.countDown();
                    await(sleep(Duration.ofSeconds(20)));
                    return Streams::echo;
                },
                HOST,
                0,
                LoopGroupOptions.DEFAULT.loops(2));
        begun.await();
        assertThat(starting.cancel(true)).isTrue();
        for (int i = 0; i < 1000 && !loops.stream().allMatch(EventLoop::isClosed); i++) {
            Thread.sleep(10);
        }
        assertThat(loops).hasSize(2).allMatch(EventLoop::isClosed);
    }
}
