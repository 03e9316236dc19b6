package network;

import static asyncio.Asyncio.await;
import static network.StreamsInMemory.bytes;
import static network.StreamsInMemory.pause;
import static network.StreamsInMemory.received;
import static network.StreamsInMemory.send;
import static network.StreamsInMemory.turn;
import static network.StreamsInMemory.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.spi.ReadyOrder;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamClosedException;
import asyncio.stream.StreamTransport;
import asyncio.stream.Transport;
import asyncio.stream.WaterMarks;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class TransportTest {
    // Order

    @Test
    @Spec({"IO-7", "IO-9", "F-TR-2"})
    void callbacks_peerSendsAndCloses_comeInOrderAndOnce() {
        with((near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            assertThat(recorder.log).isEmpty();
            await(transport.waitMade());
            assertThat(recorder.log).containsExactly("made");
            send(far, "abc");
            pause();
            send(far, "de");
            pause();
            far.close();
            assertThat(await(transport.waitLost())).isNull();
            transport.close();
            transport.abort();
            pause();

            assertThat(recorder.log).containsExactly("made", "data abc", "data de", "eof", "lost null");
            assertThat(near.isClosed()).isTrue();
        });
    }

    @Test
    @Spec({"IO-7", "F-TR-2"})
    void attach_abortedAtOnceInAnyOrder_isMadeBeforeItIsLost() {
        for (long seed = 1; seed <= 100; seed++) {
            long drawn = seed;
            Asyncio.run(
                    () -> {
                        List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop());
                        Recorder recorder = new Recorder();
                        StreamTransport transport = StreamTransport.attach(ends.getFirst(), recorder);
                        send(ends.getLast(), "x");
                        transport.abort();
                        await(transport.waitLost());
                        pause();
                        assertThat(recorder.log).containsExactly("made", "lost null");
                    },
                    RunOptions.defaults()
                            .loop(VirtualTime.create().options().readyOrder(() -> ReadyOrder.seeded(drawn))));
        }
    }

    @Test
    @Spec({"IO-7", "F-TR-2"})
    void close_keptBytes_areSentFirst() {
        with(4, (near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            transport.write(bytes("0123456789"));
            assertThat(transport.writeBufferSize()).isEqualTo(6);
            transport.close();
            assertThat(transport.isClosing()).isTrue();
            assertThat(recorder.log).isEmpty();
            send(far, "drop");
            StringBuilder got = new StringBuilder();
            while (!recorder.log.contains("lost null")) {
                got.append(received(far));
                turn();
            }

            assertThat(got).hasToString("0123456789");
            assertThat(recorder.log).containsExactly("made", "lost null");
        });
    }

    @Test
    @Spec({"IO-7", "F-TR-2"})
    void abort_keptBytes_areDroppedAndThePeerIsReset() {
        with(4, (near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            transport.write(bytes("0123456789"));
            transport.abort();
            assertThat(transport.writeBufferSize()).isZero();
            await(transport.waitLost());

            assertThat(recorder.log).containsExactly("made", "lost null");
            assertThatThrownBy(() -> await(far.receive(ByteBuffer.allocate(10))))
                    .isInstanceOf(ConnectionResetException.class);
        });
    }

    @Test
    @Spec({"IO-9", "F-TR-2"})
    void peer_resets_connectionIsLostWithTheError() {
        with((near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            await(transport.waitMade());
            pause();
            far.abort();
            assertThat(await(transport.waitLost())).isInstanceOf(ConnectionResetException.class);

            assertThat(recorder.log).containsExactly("made", "lost ConnectionResetException");
        });
    }

    @Test
    @Spec({"IO-9", "F-TR-2"})
    void write_peerIsGone_connectionIsLostWithTheError() {
        with((near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            transport.pauseReading();
            await(transport.waitMade());
            far.close();
            transport.write(bytes("x")); // does not throw
            assertThat(transport.isClosing()).isTrue();
            assertThat(recorder.log).containsExactly("made");
            await(transport.waitLost());

            assertThat(recorder.log).containsExactly("made", "lost ConnectionResetException");
        });
    }

    @Test
    @Spec("F-TR-2")
    void loop_closes_connectionIsLostOnce() {
        RecordingLogger logger = new RecordingLogger();
        Recorder open = new Recorder();
        Recorder closing = new Recorder();
        Asyncio.run(
                () -> {
                    List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop());
                    StreamTransport.attach(ends.getFirst(), open);
                    StreamTransport transport = StreamTransport.attach(ends.getLast(), closing);
                    transport.write(new byte[100_000]);
                    transport.close();
                },
                new RunOptions(VirtualTime.create().options().logger(logger), Duration.ZERO, false));

        assertThat(open.log)
                .startsWith("made")
                .endsWith("lost StreamClosedException")
                .doesNotHaveDuplicates();
        assertThat(closing.log).containsExactly("made", "lost StreamClosedException");
        assertThat(logger.messagesWith("unclosed transports: 1 when the loop was closed"))
                .hasSize(1);
    }

    @Test
    @Spec("F-TR-2")
    void stream_closedUnderneath_connectionIsLost() {
        with((near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            await(transport.waitMade());
            pause();
            near.close();

            assertThat(await(transport.waitLost())).isInstanceOf(StreamClosedException.class);
        });
    }

    // Reading

    @Test
    @Spec({"IO-7", "IO-9"})
    void pauseReading_andResume_deliverEverythingOnce() {
        with((near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            transport.pauseReading();
            transport.pauseReading();
            assertThat(transport.isReading()).isFalse();
            send(far, "abc");
            pause();
            assertThat(recorder.log).containsExactly("made");
            transport.resumeReading();
            transport.resumeReading();
            assertThat(transport.isReading()).isTrue();
            pause();
            transport.pauseReading();
            send(far, "d");
            pause();
            transport.resumeReading();
            pause();
            assertThat(recorder.log).containsExactly("made", "data abc", "data d");
            transport.close();
            assertThat(transport.isReading()).isFalse();
        });
    }

    @Test
    @Spec("IO-7")
    void setProtocol_next_getsWhatComes() {
        with((near, far) -> {
            Recorder first = new Recorder();
            Recorder second = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, first);
            send(far, "one");
            pause();
            transport.setProtocol(second);
            assertThat(transport.protocol()).isSameAs(second);
            send(far, "two");
            pause();
            transport.close();
            await(transport.waitLost());

            assertThat(first.log).containsExactly("made", "data one");
            assertThat(second.log).containsExactly("data two", "lost null");
        });
    }

    @Test
    void dataReceived_flood_oneBufferInEachIteration() {
        with(10 << 20, (near, far) -> {
            far.trySend(ByteBuffer.allocate(10 << 20));
            int[] turns = {0};
            Recorder recorder = new Recorder() {
                @Override
                public void dataReceived(ByteBuffer data) {
                    receivedBytes += data.remaining();
                }
            };
            StreamTransport transport = StreamTransport.attach(near, recorder);
            while (recorder.receivedBytes < 10 << 20) {
                turns[0]++;
                turn();
            }
            transport.close();

            assertThat(turns[0]).isBetween(160, 170);
        });
    }

    @Test
    void eagerTaskInsideCallback_readsElsewhere_doesNotTouchTheData() {
        with((near, far) -> {
            List<MemoryStream> others = MemoryStream.pair(near.loop());
            send(others.getLast(), "other bytes");
            StringBuilder seen = new StringBuilder();
            Recorder outer = new Recorder() {
                @Override
                public void dataReceived(ByteBuffer data) {
                    try (var pair = asyncio.stream.StreamPair.over(others.getFirst(), 100)) {
                        var task = near.loop()
                                .createTask(pair.reader().read(100), asyncio.TaskOptions.DEFAULT.eagerStart(true));
                        assertThat(task.isDone()).isTrue();
                    }
                    seen.append(java.nio.charset.StandardCharsets.UTF_8.decode(data));
                }
            };
            StreamTransport transport = StreamTransport.attach(near, outer);
            send(far, "mine");
            pause();
            transport.close();

            assertThat(seen).hasToString("mine");
        });
    }

    @Test
    @Spec("IO-9")
    void eofReceived_true_keepsTheSendingSideOpen() {
        with((near, far) -> {
            Recorder recorder = new Recorder();
            recorder.keepsOpen = true;
            StreamTransport transport = StreamTransport.attach(near, recorder);
            await(far.sendEof());
            pause();
            assertThat(recorder.log).containsExactly("made", "eof");
            assertThat(transport.isClosing()).isFalse();
            transport.write(bytes("late"));
            transport.writeEof();
            assertThatThrownBy(() -> transport.write(bytes("x"))).isInstanceOf(IllegalStateException.class);
            assertThat(received(far)).isEqualTo("late");
            transport.close();
        });
    }

    // Failing callbacks

    @Test
    @Spec("IO-9")
    void callback_fails_connectionIsLostWithThatFailure() {
        for (String callback : List.of("connectionMade", "dataReceived", "eofReceived")) {
            RecordingLogger logger = new RecordingLogger();
            Recorder recorder = new Recorder();
            recorder.failsIn = callback;
            with(logger, 100, (near, far) -> {
                StreamTransport transport = StreamTransport.attach(near, recorder);
                send(far, "x");
                await(far.sendEof());
                assertThat(await(transport.waitLost())).hasMessage(callback);
            });

            assertThat(recorder.log).endsWith("lost IllegalArgumentException").doesNotHaveDuplicates();
            assertThat(logger.messagesWith("Fatal error: protocol." + callback + "() call failed."))
                    .hasSize(1);
        }
    }

    @Test
    @Spec("IO-9")
    void connectionLost_fails_isReportedAndTheStreamClosed() {
        RecordingLogger logger = new RecordingLogger();
        Recorder recorder = new Recorder();
        recorder.failsIn = "connectionLost";
        with(logger, 100, (near, far) -> {
            StreamTransport transport = StreamTransport.attach(near, recorder);
            transport.close();
            await(transport.waitLost());
            assertThat(near.isClosed()).isTrue();
        });

        assertThat(logger.messagesWith("Exception in callback")).hasSize(1);
    }

    @Test
    @Spec("IO-9")
    void systemExit_inCallback_endsTheRun() {
        Recorder recorder = new Recorder() {
            @Override
            public void dataReceived(ByteBuffer data) {
                throw new SystemExit(7);
            }
        };
        assertThatThrownBy(() -> with(new RecordingLogger(), 100, (near, far) -> {
                    StreamTransport transport = StreamTransport.attach(near, recorder);
                    send(far, "x");
                    await(transport.waitLost());
                }))
                .isInstanceOf(SystemExit.class);
        assertThat(recorder.log).containsExactly("made", "lost StreamClosedException");
    }

    // Water marks

    @Test
    @Spec({"IO-8", "F-TR-1"})
    void write_acrossTheMarks_pausesAndResumesOnceEach() {
        with(10, (near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            assertThat(transport.waterMarks()).isEqualTo(new WaterMarks(65536, 16384));
            transport.setWaterMarks(new WaterMarks(20, 5));
            await(transport.waitMade());
            transport.write(new byte[30]); // 20 are kept
            assertThat(recorder.log).containsExactly("made");
            transport.write(new byte[1]);
            assertThat(recorder.log).as("within write").containsExactly("made", "pause");
            transport.write(new byte[9]);
            for (int i = 0; i < 10; i++) {
                far.tryReceive(ByteBuffer.allocate(3));
                turn();
            }
            assertThat(recorder.log).containsExactly("made", "pause", "resume");
            transport.writelines(List.of(ByteBuffer.allocate(11), ByteBuffer.allocate(11)));
            assertThat(recorder.log).containsExactly("made", "pause", "resume", "pause");
            transport.abort();
        });
    }

    @Test
    @Spec("IO-8")
    void setWaterMarks_belowWhatIsKept_pauses() {
        with(10, (near, far) -> {
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(near, recorder);
            transport.write(new byte[30]);
            transport.setWaterMarks(new WaterMarks(0, 0));
            assertThat(recorder.log).containsExactly("pause");
            received(far);
            turn();
            received(far);
            turn();
            assertThat(recorder.log).contains("resume");
            transport.abort();
        });
    }

    @Test
    @Spec("IO-8")
    void pauseAndResume_failing_areReportedOnly() {
        for (String callback : List.of("pauseWriting", "resumeWriting")) {
            RecordingLogger logger = new RecordingLogger();
            Recorder recorder = new Recorder();
            recorder.failsIn = callback;
            with(logger, 10, (near, far) -> {
                StreamTransport transport = StreamTransport.attach(near, recorder);
                transport.setWaterMarks(new WaterMarks(5, 5));
                transport.write(new byte[20]);
                for (int i = 0; i < 3; i++) {
                    received(far);
                    turn();
                }
                assertThat(transport.isClosing()).isFalse();
                assertThat(recorder.log).contains("pause", "resume");
                transport.close();
            });
            assertThat(logger.messagesWith("protocol." + callback + "() failed"))
                    .hasSize(1);
        }
    }

    @Test
    @Spec("IO-8")
    void waterMarks_badValues_areRefused() {
        assertThatThrownBy(() -> new WaterMarks(1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new WaterMarks(1, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WaterMarks.high(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WaterMarks.low(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(WaterMarks.high(100)).isEqualTo(new WaterMarks(100, 25));
        assertThat(WaterMarks.low(100)).isEqualTo(new WaterMarks(400, 100));
        assertThat(WaterMarks.low(1 << 30).highBytes()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    @Spec("IO-7")
    void write_buffer_mayBeUsedAgainAtOnce() {
        with(2, (near, far) -> {
            StreamTransport transport = StreamTransport.attach(near, new Recorder());
            ByteBuffer data = ByteBuffer.wrap(bytes("abcd"));
            transport.write(data);
            assertThat(data.hasRemaining()).isFalse();
            data.clear();
            data.put(bytes("xxxx"));
            StringBuilder got = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                got.append(received(far));
                turn();
            }
            transport.close();

            assertThat(got).hasToString("abcd");
        });
    }

    @Test
    void readerOfAWriter_isToldWhoReads() {
        with((near, far) -> {
            try (var pair = asyncio.stream.StreamPair.over(near, 100)) {
                Transport transport = pair.writer().transport();
                assertThat(transport.isReading()).isFalse();
                assertThatThrownBy(transport::resumeReading)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("setProtocol(...) first");
                Recorder recorder = new Recorder();
                transport.setProtocol(recorder);
                transport.resumeReading();
                send(far, "pushed");
                pause();
                assertThat(recorder.log).containsExactly("data pushed");
            }
            pause();
        });
    }
}
