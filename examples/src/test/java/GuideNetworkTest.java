import static asyncio.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.TimeoutException;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamPair;
import asyncio.testing.SimulatedNetwork;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// The part of docs/guide/network.md that is about tests.
class GuideNetworkTest {
    // region client
    static String ask(ByteStream stream, String question) { // what is tested
        try (StreamPair pair = StreamPair.over(stream, 100)) {
            pair.writer().write((question + "\n").getBytes(UTF_8));
            byte[] answer =
                    await(timeout(Duration.ofMinutes(1), () -> await(pair.reader().readLine())));
            return new String(answer, UTF_8);
        }
    }

    static void echo(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        while (await(stream.receive(buffer.clear())) >= 0) {
            await(stream.send(buffer.flip()));
        }
    }

    // endregion

    // region tests
    static void withServer(SimulatedNetwork network, Consumer<ByteStream> client) {
        List<ByteStream> ends = network.pair(getRunningLoop());
        await(
                taskGroup(group -> {
                    group.createDaemon(async(() -> echo(ends.get(1))));
                    client.accept(ends.get(0));
                }));
    }

    @Test
    void ask_slowNetwork_answer() {
        SimulatedNetwork.inSeeds(
                20,
                perfect -> {
                    SimulatedNetwork slow = perfect.latency(Duration.ofSeconds(5)).shortReads();
                    withServer(
                            slow, stream -> assertThat(ask(stream, "hello")).isEqualTo("hello\n"));
                });
    }

    @Test
    void ask_powerFailure_timeout() {
        SimulatedNetwork.inSeed(
                1,
                perfect -> {
                    withServer(
                            perfect.silentAfter(3),
                            stream ->
                                    assertThatThrownBy(() -> ask(stream, "hello"))
                                            .isInstanceOf(TimeoutException.class));
                    assertThat(getRunningLoop().time()).isEqualTo(Duration.ofMinutes(1));
                });
    }
    // endregion
}
