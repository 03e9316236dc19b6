package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.waitUntil;
import static network.TlsLab.CLIENT;
import static network.TlsLab.SERVER;
import static network.TlsLab.bytes;
import static network.TlsLab.connect;
import static network.TlsLab.receive;
import static network.TlsLab.receiveEnd;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.MemoryStream;
import asyncio.testing.CancelSweep;
import asyncio.testing.CancelSweep.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whatever waits is cancelled at each moment: nothing is lost, nobody is stuck, all is closed.
class TlsCancelTest {
    private static final int ORDERS = 10; // each run has a handshake, which takes milliseconds

    private static void sweep(Scenario scenario) {
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static void join(Task<?> task) {
        await(waitUntil(List.of((Future<Object>) task), ReturnWhen.ALL_COMPLETED));
        if (!task.isCancelled()) {
            task.exception(); // retrieved
        }
    }

    @Test
    void handshake_cancelledAnywhere_closesTheLowerStream() {
        sweep(victim -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 2_000);
            Task<ByteStream> server = createTask(SERVER.server().over(pair.get(1)));
            Task<ByteStream> client =
                    createTask(() -> await(CLIENT.client("localhost").over(pair.get(0))));
            victim.is(client);
            join(client);
            if (client.isCancelled()) {
                pair.get(0).close(); // in case the task was cancelled before it began
            }
            join(server);

            assertThat(client.isCancelled()).isEqualTo(victim.wasCancelled());
            if (!client.isCancelled()) {
                await(client).abort();
            }
            if (!server.isCancelled() && server.exception() == null) {
                await(server).abort();
            }
            assertThat(pair).allMatch(MemoryStream::isClosed);
        });
    }

    @Test
    void receive_cancelledAnywhere_losesNothing() {
        sweep(victim -> {
            try (var ends = connect(CLIENT, SERVER)) {
                ByteBuffer buffer = ByteBuffer.allocate(10);
                Task<?> receiving = victim.is(createTask(() -> {
                    while (buffer.position() < 6) {
                        await(ends.server().receive(buffer));
                    }
                }));
                await(ends.client().send(bytes("one")));
                await(asyncio.Asyncio.sleep(java.time.Duration.ofMillis(1)));
                await(ends.client().send(bytes("two")));
                join(receiving);

                String rest = receive(ends.server(), 6 - buffer.position());
                buffer.put(bytes(rest));
                assertThat(buffer.flip()).isEqualTo(bytes("onetwo"));
                ends.client().abort();
                ends.server().abort();
            }
        });
    }

    @Test
    void send_cancelledAnywhere_positionSaysWhatArrives() {
        sweep(victim -> {
            try (var ends = connect(CLIENT, SERVER, 20_000)) {
                ByteBuffer source = ByteBuffer.allocate(50_000);
                Task<?> sending = victim.is(createTask(() -> {
                    await(ends.client().send(source));
                }));
                int[] received = new int[1];
                Task<?> receiving = createTask(() -> {
                    ByteBuffer buffer = ByteBuffer.allocate(30_000);
                    int count;
                    while ((count = await(ends.server().receive(buffer.clear()))) >= 0) {
                        received[0] += count;
                    }
                });
                join(sending);
                ends.client().close();
                await(receiving);
                assertThat(received[0]).isEqualTo(source.position());
                if (!sending.isCancelled()) {
                    assertThat(received[0]).isEqualTo(50_000);
                }
                ends.server().abort();
            }
        });
    }

    @Test
    void aclose_cancelledAnywhere_closes() {
        sweep(victim -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 2_000);
            try (var ends = connect(CLIENT, SERVER, pair)) {
                await(ends.client().send(ByteBuffer.allocate(3_000)));
                Task<?> closing = victim.is(createTask(() -> {
                    await(ends.client().aclose());
                }));
                Task<?> peer = createTask(() -> {
                    try {
                        receive(ends.server(), 3_000);
                        assertThat(receiveEnd(ends.server())).isEqualTo(-1);
                    } finally {
                        ends.server().close();
                    }
                });
                join(closing);
                if (closing.isCancelled()) {
                    ends.client().close(); // in case the task was cancelled before it began
                }
                await(peer, IOException.class);
                assertThat(closing.isCancelled()).isEqualTo(victim.wasCancelled());
                assertThat(ends.client().isClosed()).isTrue();
            }
            await(asyncio.Asyncio.sleep(java.time.Duration.ofSeconds(31)));
            assertThat(pair).allMatch(MemoryStream::isClosed);
        });
    }
}
