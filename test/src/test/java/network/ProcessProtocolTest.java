package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.process.Processes.subprocessExec;
import static asyncio.process.Processes.subprocessShell;
import static asyncio.process.Stdio.DEVNULL;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.process.ProcessOptions;
import asyncio.process.SubprocessProtocol;
import asyncio.process.SubprocessTransport;
import asyncio.stream.Transport;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A child by callbacks.
@Spec({"SUB-5", "F-SUB-3"})
@ExtendWith(NothingLeft.class)
class ProcessProtocolTest {
    private static final String PROPERTY = "asyncio.process.pipes";

    @AfterEach
    void resetPipes() {
        System.clearProperty(PROPERTY);
    }

    /// Notes what it is told.
    private static class Noting implements SubprocessProtocol {
        final List<String> events = new ArrayList<>();
        final Future<@Nullable Void> over = getRunningLoop().createFuture();
        final StringBuilder output = new StringBuilder();
        final StringBuilder errors = new StringBuilder();

        @Override
        public void connectionMade(SubprocessTransport transport) {
            events.add("made");
        }

        @Override
        public void pipeDataReceived(int fd, ByteBuffer data) {
            assertThat(currentTask()).isNull();
            (fd == 1 ? output : errors).append(StandardCharsets.UTF_8.decode(data));
        }

        @Override
        public void pipeConnectionLost(int fd, @Nullable Throwable error) {
            events.add("pipe " + fd + " " + error);
        }

        @Override
        public void processExited() {
            events.add("exited");
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            events.add("lost " + error);
            over.setResult(null);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "threads"})
    void child_readsWritesEnds_allIsToldAndTheLossLast(String pipes) {
        System.setProperty(PROPERTY, pipes);
        run(() -> {
            Noting[] made = {null};
            SubprocessTransport transport = await(
                    subprocessShell(() -> made[0] = new Noting(), ProcessOptions.PIPED, "cat; echo err >&2; exit 3"));
            Noting protocol = made[0];
            assertThat(protocol.events).containsExactly("made");
            Transport input = transport.pipeTransport(0).orElseThrow();
            byte[] payload = "0123456789".repeat(50_000).getBytes(StandardCharsets.UTF_8);
            input.write(payload);
            assertThat(input.canWriteEof()).isTrue();
            input.writeEof();
            await(protocol.over);

            assertThat(protocol.output.toString()).isEqualTo("0123456789".repeat(50_000));
            assertThat(protocol.errors.toString()).isEqualTo("err\n");
            assertThat(protocol.events).startsWith("made").endsWith("lost null");
            assertThat(protocol.events)
                    .containsExactlyInAnyOrder(
                            "made", "pipe 0 null", "pipe 1 null", "pipe 2 null", "exited", "lost null");
            assertThat(transport.returnCode()).hasValue(3);
            assertThat(transport.kill()).isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "threads"})
    void close_runningChild_isKilledAndTold(String pipes) {
        System.setProperty(PROPERTY, pipes);
        run(() -> {
            Noting protocol = new Noting();
            SubprocessTransport transport = await(subprocessExec(
                    () -> protocol, ProcessOptions.PIPED.stdin(DEVNULL).stderr(DEVNULL), "sleep", "1000"));
            assertThat(transport.pid()).isPositive();
            assertThat(transport.pipeTransport(0)).isEmpty();
            assertThat(transport.pipeTransport(7)).isEmpty();
            transport.close();
            transport.close();
            await(protocol.over);

            assertThat(protocol.events)
                    .containsExactlyInAnyOrder("made", "pipe 1 null", "exited", "lost null")
                    .endsWith("lost null");
            assertThat(transport.returnCode()).hasValue(-9);
        });
    }

    @Test
    void sendSignal_isReceived_andRefusedAfterTheEnd() {
        run(() -> {
            Noting protocol = new Noting();
            SubprocessTransport transport = await(subprocessExec(
                    () -> protocol, ProcessOptions.PIPED.stdin(DEVNULL).stderr(DEVNULL), "sleep", "1000"));
            assertThat(await(transport.sendSignal("HUP"))).isTrue();
            await(protocol.over);
            assertThat(transport.returnCode()).hasValue(-1);
            assertThat(await(transport.sendSignal("HUP"))).isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "threads"})
    void pauseReading_childThatWritesMuch_isHeldBack(String pipes) {
        System.setProperty(PROPERTY, pipes);
        run(() -> {
            Noting protocol = new Noting();
            SubprocessTransport transport = await(subprocessExec(
                    () -> protocol,
                    ProcessOptions.PIPED.stdin(DEVNULL).stderr(DEVNULL),
                    "head",
                    "-c",
                    "1000000",
                    "/dev/zero"));
            Transport output = transport.pipeTransport(1).orElseThrow();
            output.pauseReading();
            assertThat(output.isReading()).isFalse();
            for (int i = 0; i < 20; i++) {
                await(sleep(Duration.ZERO));
            }
            assertThat(protocol.output).isEmpty();
            output.resumeReading();
            await(protocol.over);

            assertThat(protocol.output).hasSize(1_000_000);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "threads"})
    void callback_thatFails_isReportedAndClosesItsPipe(String pipes) {
        System.setProperty(PROPERTY, pipes);
        run(() -> {
            EventLoop loop = getRunningLoop();
            List<String> reported = new ArrayList<>();
            loop.setExceptionHandler((_, context) -> reported.add(context.message()));
            Noting protocol = new Noting() {
                @Override
                public void pipeDataReceived(int fd, ByteBuffer data) {
                    throw new IllegalStateException("from the protocol");
                }

                @Override
                public void processExited() {
                    super.processExited();
                    throw new IllegalStateException("from the protocol");
                }
            };
            await(subprocessShell(
                    () -> protocol, ProcessOptions.PIPED.stdin(DEVNULL).stderr(DEVNULL), "echo word"));
            await(protocol.over);

            assertThat(protocol.events)
                    .contains("pipe 1 java.lang.IllegalStateException: from the protocol")
                    .endsWith("lost null");
            assertThat(reported)
                    .hasSize(2)
                    .anyMatch(message -> message.startsWith("Fatal error: protocol.dataReceived() call failed."))
                    .anyMatch(message -> message.startsWith("Fatal error: protocol.processExited() call failed."));
        });
    }
}
