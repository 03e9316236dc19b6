package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.moveOnAfter;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.toThread;
import static network.StreamsInMemory.bytes;
import static network.StreamsInMemory.pause;
import static network.StreamsInMemory.received;
import static network.StreamsInMemory.send;
import static network.StreamsInMemory.text;
import static network.StreamsInMemory.turn;
import static network.StreamsInMemory.with;
import static network.StreamsInMemory.withPair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.MemoryStream;
import asyncio.stream.PrefixedStream;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamWriter;
import asyncio.stream.Upgrade;
import asyncio.stream.WaterMarks;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class StreamWriterTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static void small(StreamWriter writer) {
        writer.transport().setWaterMarks(new WaterMarks(10, 4));
    }

    // Flow

    @Test
    @Spec({"ST-5", "IO-8"})
    void drain_aboveTheHighMark_waitsUntilTheLowOne() {
        withPair(10, 100, (pair, far) -> {
            StreamWriter writer = pair.writer();
            small(writer);
            writer.write(new byte[20]);
            await(writer.drain()); // 10 are kept: not above the mark
            writer.write(new byte[1]);
            Task<?> first = createTask(writer.drain());
            Task<?> second = createTask(writer.drain());
            pause();
            assertThat(first.isDone() || second.isDone()).isFalse();

            far.tryReceive(ByteBuffer.allocate(6));
            pause();
            assertThat(writer.transport().writeBufferSize()).isEqualTo(5);
            assertThat(first.isDone()).isFalse();
            far.tryReceive(ByteBuffer.allocate(1));
            await(gather(first, second));
            assertThat(writer.transport().writeBufferSize()).isEqualTo(4);
        });
    }

    @Test
    @Spec("ST-5")
    void drain_manySmallPieces_arriveInOrder() {
        withPair(7, 100, (pair, far) -> {
            StringBuilder sent = new StringBuilder();
            Task<?> writing = createTask(() -> {
                for (int i = 0; i < 500; i++) {
                    pair.writer().write(bytes(i + ","));
                    sent.append(i).append(',');
                    await(pair.writer().drain());
                }
                await(pair.writer().aclose());
            });
            StringBuilder got = new StringBuilder();
            ByteBuffer target = ByteBuffer.allocate(5);
            while (await(far.receive(target.clear())) >= 0) {
                got.append(text(Arrays.copyOf(target.array(), target.position())));
            }
            await(writing);

            assertThat(got).hasToString(sent.toString());
        });
    }

    @Test
    @Spec({"ST-5", "F-ST-7"})
    void drain_connectionLostMeanwhile_throwsTheError() {
        withPair(10, 100, (pair, far) -> {
            StreamWriter writer = pair.writer();
            small(writer);
            writer.write(new byte[100]);
            List<Task<?>> drainers = List.of(createTask(writer.drain()), createTask(writer.drain()));
            turn();
            far.abort();

            for (Task<?> drainer : drainers) {
                assertThatThrownBy(() -> await(drainer)).isInstanceOf(ConnectionResetException.class);
            }
            assertThat(pair.reader().exception()).isInstanceOf(ConnectionResetException.class);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> await(writer.drain())).isInstanceOf(ConnectionResetException.class);
                assertThatThrownBy(() -> await(writer.waitClosed())).isInstanceOf(ConnectionResetException.class);
            }
            assertThat(writer.isClosing()).isTrue();
        });
    }

    @Test
    @Spec({"ST-5", "F-ST-7"})
    void drain_afterClose_saysConnectionLost() {
        withPair((pair, far) -> {
            StreamWriter writer = pair.writer();
            writer.close();
            assertThatThrownBy(() -> await(writer.drain()))
                    .isInstanceOf(ConnectionResetException.class)
                    .hasMessageStartingWith("Connection lost");
            await(writer.waitClosed());
            await(writer.waitClosed());
        });
    }

    @Test
    @Spec("ST-5")
    void drain_closedInGoodFormMeanwhile_returns() {
        withPair(10, 100, (pair, far) -> {
            StreamWriter writer = pair.writer();
            small(writer);
            writer.write(new byte[100]);
            Task<?> drain = createTask(writer.drain());
            writer.close();
            turn();
            assertThat(received(far)).hasSize(10);
            while (!writer.transport().stream().isClosed()) {
                received(far);
                turn();
            }
            await(drain);
        });
    }

    @Test
    void drain_fastPeer_letsOthersRun() {
        withPair((pair, far) -> {
            int[] turns = {0};
            Task<?> other = createTask(() -> {
                while (true) {
                    turns[0]++;
                    turn();
                }
            });
            ByteBuffer target = ByteBuffer.allocate(10);
            for (int i = 0; i < 1000; i++) {
                pair.writer().write(bytes("x"));
                await(pair.writer().drain());
                far.tryReceive(target.clear());
            }
            other.cancel();

            assertThat(turns[0]).isGreaterThan(10);
        });
    }

    // Ends

    @Test
    @Spec({"ST-5", "IO-7", "F-ST-7"})
    void write_afterClose_isDroppedAndLoggedFromTheFifthTimeOn() {
        RecordingLogger logger = new RecordingLogger();
        withPair(logger, 100, (pair, far) -> {
            StreamWriter writer = pair.writer();
            writer.close();
            await(writer.waitClosed());
            for (int i = 0; i < 4; i++) {
                writer.write(bytes("dropped"));
                writer.write(new byte[0]); // not even tried
            }
            assertThat(logger.messagesWith("socket.send()")).isEmpty();
            writer.write(bytes("dropped"));
            writer.writelines(List.of(bytes("dropped")));
            assertThat(logger.messagesWith("socket.send() raised exception")).hasSize(2);
            assertThat(received(far)).isEmpty();
        });
    }

    @Test
    @Spec({"IO-7", "F-ST-8"})
    void writeEof_keptBytes_goFirstAndReadingGoesOn() {
        withPair(4, 100, (pair, far) -> {
            StreamWriter writer = pair.writer();
            assertThat(writer.canWriteEof()).isTrue();
            writer.write(bytes("request"));
            writer.writeEof();
            writer.writeEof();
            assertThatThrownBy(() -> writer.write(bytes("more")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Cannot call write() after writeEof()");
            ByteBuffer target = ByteBuffer.allocate(100);
            while (await(far.receive(target)) >= 0) {
                // until the end
            }
            assertThat(target.position()).isEqualTo("request".length());
            send(far, "ok");

            assertThat(text(await(pair.reader().read(10)))).isEqualTo("ok");
            assertThat(writer.isClosing()).isFalse();
        });
    }

    @Test
    @Spec("IO-7")
    void close_keptBytes_arriveFirst() {
        withPair(4, 100, (pair, far) -> {
            pair.writer().write(bytes("a long answer"));
            pair.close();
            assertThat(pair.writer().isClosing()).isTrue();
            pair.close();
            Task<?> closed = createTask(pair.writer().waitClosed());
            ByteBuffer target = ByteBuffer.allocate(100);
            while (await(far.receive(target)) >= 0) {
                // until the end
            }

            assertThat(target.position()).isEqualTo("a long answer".length());
            await(closed);
        });
    }

    @Test
    @Spec({"IO-7", "F-TR-2"})
    void aclose_peerThatNeverReads_canBeGivenUpAndIsReset() {
        withPair(4, 100, (pair, far) -> {
            pair.writer().write(new byte[1_000_000]);
            assertThat(pair.writer().transport().writeBufferSize()).isEqualTo(999_996);
            assertThat(await(moveOnAfter(SECOND, () -> {
                        await(pair.writer().aclose());
                    })))
                    .as("done in time")
                    .isFalse();
            turn();

            assertThat(pair.writer().transport().writeBufferSize()).isZero();
            assertThat(pair.writer().transport().stream().isClosed()).isTrue();
            assertThatThrownBy(() -> await(far.receive(ByteBuffer.allocate(10))))
                    .isInstanceOf(ConnectionResetException.class);
        });
    }

    @Test
    @Spec("ST-5")
    void waitClosed_notClosed_waits() {
        withPair((pair, far) -> {
            assertThatThrownBy(() ->
                            await(timeout(SECOND, () -> await(pair.writer().waitClosed()))))
                    .isInstanceOf(TimeoutException.class);
            assertThat(pair.writer().isClosing()).isFalse();
        });
    }

    @Test
    @Spec("IO-7")
    void writelines_smallAndBig_areOneSequence() {
        withPair(1000, 100, (pair, far) -> {
            byte[] big = new byte[200_000];
            Arrays.fill(big, (byte) 'b');
            Task<byte[]> reading = createTask(() -> {
                try (StreamPair other = StreamPair.over(far, 100)) {
                    return await(other.reader().read());
                }
            });
            List<byte[]> pieces = new ArrayList<>();
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                pieces.addAll(List.of(bytes("first" + i), new byte[0], big, bytes("last")));
                expected.append("first")
                        .append(i)
                        .append("b".repeat(big.length))
                        .append("last");
            }
            pair.writer().writelines(pieces);
            await(pair.writer().aclose());

            assertThat(text(await(reading))).isEqualTo(expected.toString());
        });
    }

    @Test
    @Spec({"ST-5", "F-ST-10"})
    void writer_notClosed_isReportedAndClosedWithItsLoop() {
        RecordingLogger logger = new RecordingLogger();
        MemoryStream[] streams = {null};
        StreamPair[] pairs = {null};
        Asyncio.run(
                () -> {
                    List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop());
                    streams[0] = ends.getFirst();
                    pairs[0] = StreamPair.over(ends.getFirst(), 100);
                    StreamPair.over(ends.getLast(), 100).close(); // closed: not reported
                },
                new RunOptions(VirtualTime.create().options().logger(logger), Duration.ZERO, false));

        assertThat(streams[0].isClosed()).isTrue();
        assertThat(pairs[0].writer().isClosing()).isTrue();
        assertThat(logger.messagesWith("unclosed transports: 1")).hasSize(1);
    }

    @Test
    void write_onAnotherThread_isRefused() {
        Asyncio.run(
                () -> { // in real time: virtual time does not wait for threads
                    List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop());
                    try (StreamPair pair = StreamPair.over(ends.getFirst(), 100)) {
                        await(toThread(
                                () -> assertThatThrownBy(() -> pair.writer().write(bytes("x")))
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageStartingWith("AS201")));
                        assertThat(received(ends.getLast())).isEmpty();
                    }
                });
    }

    // Upgrades

    /// Everything that is sent or received is turned over, after a greeting each way.
    private static Upgrade turnedOver(String greeting) {
        return lower -> Asyncio.async(() -> {
            boolean done = false;
            try {
                Turned upper = new Turned(lower);
                await(upper.send(ByteBuffer.wrap(bytes(greeting))));
                ByteBuffer got = ByteBuffer.allocate(greeting.length());
                while (got.hasRemaining()) {
                    if (await(upper.receive(got)) < 0) {
                        throw new IOException("no greeting");
                    }
                }
                done = true;
                return upper;
            } finally {
                if (!done) {
                    lower.close();
                }
            }
        });
    }

    private static byte[] turned(String text) {
        byte[] bytes = bytes(text);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
        return bytes;
    }

    @Test
    @Spec({"IO-11", "ST-5"})
    void startTls_bytesReadTooFar_areHandedOver() {
        withPair(16, 100, (pair, far) -> {
            send(far, "START\n");
            await(far.send(ByteBuffer.wrap(turned("hey")))); // the greeting comes with the command
            assertThat(text(await(pair.reader().readLine()))).isEqualTo("START\n");
            pair.writer().write(bytes("a rather long answer;"));
            Task<?> upgrade = createTask(pair.writer().startTls(turnedOver("hey")));
            ByteBuffer answer = ByteBuffer.allocate(24);
            while (answer.hasRemaining()) {
                await(far.receive(answer));
            }
            assertThat(text(Arrays.copyOf(answer.array(), 21))).isEqualTo("a rather long answer;");
            assertThat(Arrays.copyOfRange(answer.array(), 21, 24)).isEqualTo(turned("hey"));
            await(upgrade);
            pair.writer().write(bytes("in"));
            await(far.send(ByteBuffer.wrap(turned("out\n"))));

            assertThat(text(await(pair.reader().readLine()))).isEqualTo("out\n");
            assertThat(received(far).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    .isNotEmpty();
            assertThat(pair.writer().transport().stream()).isInstanceOf(Turned.class);
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_inProgress_nothingElseIsPossible() {
        withPair((pair, far) -> {
            StreamWriter writer = pair.writer();
            Task<?> upgrade = createTask(writer.startTls(turnedOver("hey")));
            pause();
            assertThatThrownBy(() -> writer.write(bytes("x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("unable to write; startTls is in progress");
            assertThatThrownBy(() -> await(pair.reader().read(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("read() called while startTls() is in progress");
            assertThatThrownBy(() -> await(writer.startTls(turnedOver("hey"))))
                    .isInstanceOf(IllegalStateException.class);
            await(far.send(ByteBuffer.wrap(turned("hey"))));
            await(upgrade);
            writer.write(bytes("x"));
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_whileATaskReads_isRefused() {
        withPair((pair, far) -> {
            Task<byte[]> reading = createTask(pair.reader().read(1));
            turn();
            assertThatThrownBy(() -> await(pair.writer().startTls(turnedOver("hey"))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("startTls() called while another coroutine is already waiting");
            send(far, "x");
            await(reading);
            pair.writer().writeEof();
            assertThatThrownBy(() -> await(pair.writer().startTls(turnedOver("hey"))))
                    .isInstanceOf(IllegalStateException.class);
            pair.close();
            assertThatThrownBy(() -> await(pair.writer().startTls(turnedOver("hey"))))
                    .hasMessageStartingWith("Transport is closing");
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_upgradeFails_theConnectionIsLostWithItsError() {
        withPair((pair, far) -> {
            Task<?> upgrade = createTask(pair.writer().startTls(turnedOver("hey")));
            pause();
            far.close();
            assertThatThrownBy(() -> await(upgrade))
                    .isInstanceOf(IOException.class)
                    .hasMessage("no greeting");
            assertThatThrownBy(() -> await(pair.writer().waitClosed())).hasMessage("no greeting");
            assertThatThrownBy(() -> await(pair.reader().read(1))).hasMessage("no greeting");
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_cancelledBeforeItBegan_hasChangedNothing() {
        withPair(4, 100, (pair, far) -> {
            send(far, "abc");
            assertThat(text(await(pair.reader().read(1)))).isEqualTo("a");
            pair.writer().write(bytes("0123456"));
            await(moveOnAfter(SECOND, () -> await(pair.writer().startTls(turnedOver("hey")))));
            pair.writer().write(bytes("789"));
            StringBuilder got = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                got.append(received(far));
                turn();
            }

            assertThat(got).hasToString("0123456789");
            assertThat(text(await(pair.reader().readExactly(2)))).isEqualTo("bc");
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_cancelledInTheMiddle_closes() {
        withPair((pair, far) -> {
            await(moveOnAfter(SECOND, () -> await(pair.writer().startTls(turnedOver("hey")))));
            pause();

            assertThat(pair.writer().transport().stream().isClosed()).isTrue();
            assertThat(await(pair.reader().read(1))).isEmpty();
        });
    }

    @Test
    void prefixedStream_prefix_comesFirstAndTheRestIsTheLowerOne() {
        with((near, far) -> {
            send(far, "lower");
            try (PrefixedStream stream =
                    new PrefixedStream(near, ByteBuffer.wrap(bytes("xprefix")).position(1))) {
                ByteBuffer target = ByteBuffer.allocate(4);
                StringBuilder got = new StringBuilder();
                for (int i = 0; i < 4; i++) {
                    await(stream.receive(target.clear()));
                    got.append(text(Arrays.copyOf(target.array(), target.position())))
                            .append('|');
                }
                assertThat(got).hasToString("pref|ix|lowe|r|");
                await(stream.send(ByteBuffer.wrap(bytes("up"))));
                assertThat(stream.canSendEof()).isTrue();
                await(stream.sendEof());
                assertThat(received(far)).isEqualTo("up");
            }
            assertThat(near.isClosed()).isTrue();
            try (PrefixedStream closed = new PrefixedStream(near, ByteBuffer.wrap(bytes("never given")))) {
                assertThatThrownBy(() -> await(closed.receive(ByteBuffer.allocate(1))))
                        .isInstanceOf(IOException.class);
            }
        });
    }

    /// A stream of which every bit is turned over.
    private static final class Turned extends ByteStream {
        private final ByteStream lower;

        Turned(ByteStream lower) {
            super(lower.loop());
            this.lower = lower;
        }

        @Override
        public int tryReceive(ByteBuffer target) throws IOException {
            int start = target.position();
            int count = lower.tryReceive(target);
            for (int i = start; i < target.position(); i++) {
                target.put(i, (byte) ~target.get(i));
            }
            return count;
        }

        @Override
        public int trySend(ByteBuffer source) throws IOException {
            ByteBuffer copy = ByteBuffer.allocate(source.remaining());
            for (int i = source.position(); i < source.limit(); i++) {
                copy.put((byte) ~source.get(i));
            }
            int count = lower.trySend(copy.flip());
            source.position(source.position() + count);
            return count;
        }

        @Override
        public void onReadable(@Nullable Runnable listener) {
            lower.onReadable(listener);
        }

        @Override
        public void onWritable(@Nullable Runnable listener) {
            lower.onWritable(listener);
        }

        @Override
        public void close() {
            lower.close();
        }

        @Override
        public boolean isClosed() {
            return lower.isClosed();
        }
    }
}
