package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.ByteStream;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many connections, at once and one after the other.
@Spec("IO-4")
@ExtendWith(NothingLeft.class)
class ServerLoadTest {
    private static final int STORM = 300;
    private static final int CLIENTS = 20;
    private static final int ROUNDS = 100;

    private final RecordingLogger logger = new RecordingLogger();

    private static String askOnce(Server server, String text) {
        try (ByteStream client = await(connect(HOST, server.localAddress().getPort()))) {
            return Streams.ask(client, text);
        }
    }

    @Test
    void storm_allAtOnce_allAreServed() {
        run(
                () -> {
                    try (Server server = await(serve(Streams::echo, HOST, 0, ServerOptions.DEFAULT.backlog(STORM)))) {
                        List<Task<String>> clients = IntStream.range(0, STORM)
                                .mapToObj(i -> createTask(() -> askOnce(server, "client " + i)))
                                .toList();
                        assertThat(await(gather(clients)))
                                .isEqualTo(IntStream.range(0, STORM)
                                        .mapToObj(i -> "client " + i)
                                        .toList());
                        await(server.aclose());
                        assertThat(server.connectionCount()).isZero();
                    }
                },
                Streams.recordedBy(logger));

        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void churn_thousandsOneAfterTheOther_leaveNothing() {
        run(
                () -> {
                    try (Server server = await(serve(Streams::echo, HOST, 0))) {
                        List<Task<Integer>> clients = IntStream.range(0, CLIENTS)
                                .mapToObj(i -> createTask(() -> {
                                    int answers = 0;
                                    for (int round = 0; round < ROUNDS; round++) {
                                        answers += askOnce(server, "x").length();
                                    }
                                    return answers;
                                }))
                                .toList();
                        assertThat(await(gather(clients))).containsOnly(ROUNDS);
                        await(server.aclose());
                        assertThat(server.connectionCount()).isZero();
                    }
                },
                Streams.recordedBy(logger));

        assertThat(Streams.findings(logger)).isEmpty();
    }
}
