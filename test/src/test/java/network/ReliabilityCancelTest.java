package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.net.Server;
import asyncio.net.StreamHandler;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.StreamClosedException;
import asyncio.testing.CancelSweep;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever is cancelled, and whenever the loop is closed: no descriptor and no watch is left.
@ExtendWith(NothingLeft.class)
class ReliabilityCancelTest {
    private static final String HOST = "127.0.0.1";
    private static final int ORDERS = 20;

    private static void echo(ByteStream stream) throws IOException {
        try {
            stream.inputStream().transferTo(stream.outputStream());
        } catch (ConnectionResetException e) {
            assertThat(e).hasMessageContaining("Connection lost");
        }
    }

    @Test
    void client_cancelledAnywhere_leavesNoDescriptor() {
        CancelSweep.inRealTime(0, ReliabilityCancelTest::cancelClient); // what is opened once, is opened now
        long before = Descriptors.channels();

        CancelSweep.inRealTime(ORDERS, ReliabilityCancelTest::cancelClient);

        assertThat(Descriptors.channels()).isEqualTo(before);
    }

    private static void cancelClient(CancelSweep.Victim victim) {
        List<Task<?>> serving = new ArrayList<>();
        StreamHandler handler = stream -> {
            serving.add(Asyncio.currentTask());
            echo(stream);
        };
        try (Server server = await(serve(handler, HOST, 0))) {
            Task<?> client = victim.is(createTask(() -> {
                try (ByteStream stream =
                        await(connect(HOST, server.localAddress().getPort()))) {
                    await(stream.send(ByteBuffer.wrap(new byte[100])));
                    assertThat(stream.inputStream().readNBytes(100)).hasSize(100);
                    await(stream.sendEof());
                    assertThat(stream.inputStream().read()).isEqualTo(-1);
                }
            }));
            join(client);
            for (Task<?> task : List.copyOf(serving)) {
                join(task);
            }
        }
        for (Task<?> task : Asyncio.allTasks()) { // one that was accepted last
            if (!task.equals(Asyncio.currentTask())) {
                join(task);
            }
        }
    }

    private static void join(Task<?> task) {
        try {
            await(task);
        } catch (CancelledError e) {
            assertThat(task.isCancelled()).isTrue();
        }
    }

    @Test
    void handler_cancelledAnywhere_closesItsConnection() {
        CancelSweep.inRealTime(ORDERS, victim -> {
            StreamHandler handler = stream -> {
                victim.is(Asyncio.currentTask());
                echo(stream);
            };
            try (Server server = await(serve(handler, HOST, 0));
                    ByteStream client =
                            await(connect(HOST, server.localAddress().getPort()))) {
                try {
                    await(client.send(ByteBuffer.wrap(new byte[10])));
                    client.inputStream().readNBytes(10);
                    await(client.sendEof());
                    client.inputStream().readAllBytes();
                } catch (ConnectionResetException e) {
                    assertThat(victim.wasCancelled()).isTrue();
                }
            }
        });
    }

    @Test
    void loopClosed_manyChannelsOpenAndWaitedFor_allAreClosedAndReported() {
        long before = Descriptors.channels();
        RecordingLogger logger = new RecordingLogger();
        List<ByteStream> streams = new ArrayList<>();
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
        loop.runUntilComplete(Asyncio.async(() -> {
            Server server = await(serve(streams::add, HOST, 0)); // the server closes what its handler returns from
            for (int i = 0; i < 5; i++) {
                ByteStream client = await(connect(HOST, server.localAddress().getPort()));
                streams.add(client);
                createTask(() -> {
                    client.inputStream().read(); // ends when the loop is closed
                });
            }
            return null;
        }));
        loop.close();

        assertThat(logger.messagesWith("AS401"))
                .singleElement()
                .asString()
                .contains("6 channels were still open")
                .contains("<Server");
        assertThat(streams).allMatch(ByteStream::isClosed);
        assertThat(Descriptors.channels()).isEqualTo(before);
        for (ByteStream stream : streams) {
            stream.close(); // does no harm
            assertThatThrownBy(() -> stream.tryReceive(ByteBuffer.allocate(1)))
                    .isInstanceOf(StreamClosedException.class);
            assertThatThrownBy(() -> stream.inputStream().read()).isInstanceOf(IllegalStateException.class);
        }
    }
}
