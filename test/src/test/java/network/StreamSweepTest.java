package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static network.StreamsInMemory.bytes;
import static network.StreamsInMemory.text;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.MemoryStream;
import asyncio.stream.PrefixedStream;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamTransport;
import asyncio.stream.StreamWriter;
import asyncio.stream.WaterMarks;
import asyncio.testing.CancelSweep;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever waits on a stream is cancelled at each moment: nothing is lost, nobody is stuck.
@ExtendWith(NothingLeft.class)
class StreamSweepTest {
    private static final int ORDERS = 200;
    private static final int ORDERS_EACH = ORDERS / 4; // of four kinds of reads

    private static void sweep(CancelSweep.Scenario scenario) {
        sweep(ORDERS, scenario);
    }

    private static void sweep(int orders, CancelSweep.Scenario scenario) {
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(orders, scenario);
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static void join(Task<?> task) {
        await(waitUntil(List.of((Future<Object>) task), ReturnWhen.ALL_COMPLETED));
    }

    private interface Read {
        byte[] from(StreamReader reader) throws IOException;
    }

    /// One task reads and is cancelled somewhere; another one reads the rest: together, every byte.
    private static void sweepReader(Read read) {
        sweep(ORDERS_EACH, victim -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 5);
            try (StreamPair pair = StreamPair.over(ends.getFirst(), 100);
                    StreamPair far = StreamPair.over(ends.getLast(), 100)) {
                Task<?> producer = createTask(() -> {
                    for (String piece : List.of("on", "e\ntwo\nthr", "ee\n", "four\nfi", "ve\n")) {
                        far.writer().write(bytes(piece));
                        await(sleep(Duration.ofMillis(1)));
                    }
                    await(far.writer().aclose());
                });
                StringBuilder got = new StringBuilder();
                Task<?> reading = victim.is(createTask(() -> {
                    for (int i = 0; i < 3; i++) {
                        got.append(text(read.from(pair.reader())));
                    }
                }));
                join(reading);
                got.append(text(await(pair.reader().read())));
                join(producer);

                assertThat(got).hasToString("one\ntwo\nthree\nfour\nfive\n");
                assertThat(reading.isCancelled()).isEqualTo(victim.wasCancelled());
                await(pair.writer().aclose());
            }
        });
    }

    @Test
    @Spec("ST-2")
    void readLine_cancelledAnywhere_losesNothing() {
        sweepReader(reader -> await(reader.readLine(), IOException.class));
    }

    @Test
    @Spec("ST-2")
    void readExactly_cancelledAnywhere_losesNothing() {
        sweepReader(reader -> await(reader.readExactly(7), IOException.class));
    }

    @Test
    @Spec("ST-2")
    void read_cancelledAnywhere_losesNothing() {
        sweepReader(reader -> await(reader.read(4), IOException.class));
    }

    @Test
    @Spec("ST-2")
    void readToTheEnd_cancelledAnywhere_losesNothing() {
        sweepReader(reader -> await(reader.read(), IOException.class));
    }

    @Test
    @Spec("ST-5")
    void drain_cancelledAnywhere_everythingWrittenArrivesAndNobodyIsStuck() {
        sweep(victim -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 5);
            try (StreamPair pair = StreamPair.over(ends.getFirst(), 100);
                    MemoryStream far = ends.getLast()) {
                StreamWriter writer = pair.writer();
                writer.transport().setWaterMarks(new WaterMarks(3, 1));
                StringBuilder sent = new StringBuilder();
                List<Task<?>> writers = new ArrayList<>();
                for (String name : List.of("a", "b")) {
                    Task<?> task = createTask(() -> {
                        for (int i = 0; i < 2; i++) {
                            writer.write(bytes(name.repeat(6)));
                            sent.append(name.repeat(6));
                            await(writer.drain());
                        }
                    });
                    writers.add(name.equals("a") ? victim.is(task) : task);
                }
                StringBuilder got = new StringBuilder();
                Task<?> reading = createTask(() -> {
                    ByteBuffer target = ByteBuffer.allocate(4);
                    while (await(far.receive(target.clear())) >= 0) {
                        got.append(text(java.util.Arrays.copyOf(target.array(), target.position())));
                        await(sleep(Duration.ofMillis(1)));
                    }
                });
                writers.forEach(StreamSweepTest::join);
                await(writer.aclose());
                join(reading);

                assertThat(got).hasToString(sent.toString());
                assertThat(writers.get(1).isCancelled()).isFalse();
            }
        });
    }

    @Test
    @Spec("ST-5")
    void aclose_cancelledAnywhere_closesAnyway() {
        sweep(victim -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 5);
            StreamWriter writer = StreamPair.over(ends.getFirst(), 100).writer();
            writer.write(new byte[12]);
            Task<?> closing = victim.is(createTask(writer.aclose()));
            Task<Integer> reading = createTask(() -> {
                int total = 0;
                ByteBuffer target = ByteBuffer.allocate(4);
                try {
                    while (await(ends.getLast().receive(target.clear()), IOException.class) >= 0) {
                        total += target.position();
                        await(sleep(Duration.ofMillis(1)));
                    }
                } catch (ConnectionResetException e) {
                    return -1;
                }
                return total;
            });
            join(closing);
            if (!writer.isClosing()) { // cancelled before its first step
                writer.close();
            }
            int total = await(reading);
            await(writer.waitClosed());

            assertThat(ends.getFirst().isClosed()).isTrue();
            assertThat(total).isIn(victim.wasCancelled() ? List.of(-1, 12) : List.of(12));
            ends.getLast().close();
        });
    }

    /// A greeting each way, then the stream itself.
    private static asyncio.Coroutine<ByteStream> greeted(ByteStream lower) {
        return Asyncio.async(() -> {
            boolean done = false;
            try {
                await(lower.send(ByteBuffer.wrap(bytes("hello"))));
                ByteBuffer got = ByteBuffer.allocate(5);
                while (got.hasRemaining()) {
                    await(lower.receive(got));
                }
                done = true;
                return new PrefixedStream(lower, ByteBuffer.allocate(0));
            } finally {
                if (!done) {
                    lower.close();
                }
            }
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_cancelledAnywhere_isDoneOrClosedOrNotBegun() {
        sweep(victim -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 3);
            try (StreamPair pair = StreamPair.over(ends.getFirst(), 100);
                    MemoryStream far = ends.getLast()) {
                pair.writer().write(bytes("before"));
                Task<?> upgrade = victim.is(createTask(pair.writer().startTls(StreamSweepTest::greeted)));
                StringBuilder got = new StringBuilder();
                Task<?> peer = createTask(() -> {
                    ByteBuffer target = ByteBuffer.allocate(2);
                    while (await(far.receive(target.clear())) >= 0) {
                        got.append(text(java.util.Arrays.copyOf(target.array(), target.position())));
                        if (got.toString().equals("beforehello")) {
                            try {
                                await(far.send(ByteBuffer.wrap(bytes("hello"))), IOException.class);
                            } catch (ConnectionResetException e) {
                                return; // closed by the cancellation
                            }
                        }
                    }
                });
                join(upgrade);
                boolean upgraded = pair.writer().transport().stream() instanceof PrefixedStream;
                assertThat(upgraded).isEqualTo(!upgrade.isCancelled());
                if (!pair.writer().isClosing()) {
                    pair.writer().write(bytes("!")); // usable: upgraded, or as before
                }
                await(pair.writer().aclose());
                join(peer);
                assertThat(List.of("before!", "beforehello!")).anyMatch(whole -> whole.startsWith(got.toString()));
            }
        });
    }

    @Test
    @Spec("F-TR-2")
    void waits_ofATransport_cancelledAnywhere_leaveItAsItIs() {
        sweep(victim -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 3);
            Recorder recorder = new Recorder();
            StreamTransport transport = StreamTransport.attach(ends.getFirst(), recorder);
            Task<?> waiting = victim.is(createTask(() -> {
                await(transport.waitMade());
                await(transport.waitLost());
            }));
            await(sleep(Duration.ofMillis(1)));
            ends.getLast().close();
            join(waiting);
            await(transport.waitLost());

            assertThat(waiting.isCancelled()).isEqualTo(victim.wasCancelled());
            assertThat(recorder.log).containsExactly("made", "eof", "lost null");
        });
    }
}
