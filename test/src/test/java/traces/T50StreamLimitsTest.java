package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.startServer;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.Coroutine;
import asyncio.net.Server;
import asyncio.stream.ByteStream;
import asyncio.stream.LimitOverrunException;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a line longer than the limit does: readUntil keeps the data, readLine drops the line, exactly
/// the limit is allowed, readExactly may exceed it.
@ExtendWith(NothingLeft.class)
@Spec({"ST-2", "F-ST-2", "EXC-1"})
class T50StreamLimitsTest extends Trace {
    private static final int LIMIT = 16;

    /// Uses a reader with a small limit whose peer has sent the payload and closed.
    private static Coroutine<@Nullable Void> connected(String payload, Use use) {
        return async(() -> {
            try (Server server = await(startServer(
                    (reader, writer) -> {
                        writer.write(payload.getBytes(UTF_8));
                        writer.close();
                    },
                    "127.0.0.1",
                    0))) {
                ByteStream stream =
                        await(connect("127.0.0.1", server.localAddress().getPort()));
                StreamPair pair = StreamPair.over(stream, LIMIT);
                use.with(pair.reader());
                await(pair.writer().aclose());
            }
        });
    }

    private interface Use {
        void with(StreamReader reader);
    }

    /// @param overrun Python's name for an overrun in this call: its readline raises a ValueError
    private void attempt(String step, Coroutine<byte[]> read, String overrun) {
        try {
            byte[] data = await(read, LimitOverrunException.class);
            String text = new String(data, UTF_8).stripTrailing();
            print(step, "returned", data.length, text.isEmpty() ? "nothing" : text);
        } catch (LimitOverrunException e) {
            print(step, overrun);
        }
    }

    private void main() {
        String exact = "x".repeat(LIMIT) + "\n";
        String tooLong = "y".repeat(LIMIT + 4) + "\n";
        byte[] lineFeed = {'\n'};
        await(connected(exact + tooLong + "short\n", reader -> {
            attempt("readline exactly the limit", reader.readLine(), "ValueError");
            attempt("readuntil too long", reader.readUntil(lineFeed), "LimitOverrunError");
            attempt("readuntil again", reader.readUntil(lineFeed), "LimitOverrunError");
            attempt("readexactly beyond the limit", reader.readExactly(LIMIT + 5), "LimitOverrunError");
            attempt("readline", reader.readLine(), "ValueError");
            attempt("readline at the end", reader.readLine(), "ValueError");
        }));
        await(connected(tooLong + "short\n", reader -> {
            attempt("readline too long", reader.readLine(), "ValueError");
            attempt("readline next", reader.readLine(), "ValueError");
            try {
                StreamPair.over(
                        asyncio.stream.MemoryStream.pair(asyncio.Asyncio.getRunningLoop())
                                .getFirst(),
                        0);
            } catch (IllegalArgumentException e) {
                print("limit zero", name(e));
            }
        }));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("50-stream-limits");
    }
}
