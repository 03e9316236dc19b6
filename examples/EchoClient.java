import static asyncio.Asyncio.*;
import static asyncio.net.Net.openConnection;

import asyncio.Coroutine;
import asyncio.SystemExit;
import asyncio.TimeoutException;
import asyncio.stream.StreamPair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

// Sends a message to an echo server, and prints what comes back:
// ./asyncio run examples/EchoClient.java 127.0.0.1 8888 Hello

Duration patience = Duration.ofSeconds(10); // for all of it
int maxBytes = 1 << 20; // of an answer

/// With asyncio's reader and writer; streams with send and receive would do as well.
Coroutine<String> echo(String host, int port, String message) {
    return async(() -> {
        try (StreamPair connection = await(openConnection(host, port), IOException.class)) {
            connection.writer().write(message.getBytes(StandardCharsets.UTF_8));
            connection.writer().writeEof(); // this is all; the answer still comes
            byte[] answer = await(connection.reader().readToEnd(maxBytes), IOException.class);
            return new String(answer, StandardCharsets.UTF_8);
        }
    });
}

Coroutine<Void> program(String host, int port, String message) {
    return async(() -> {
        try {
            IO.println(
                    await(
                            timeout(patience, () -> await(echo(host, port, message))),
                            IOException.class));
        } catch (IOException e) {
            throw failed("no echo: " + e.getMessage());
        } catch (TimeoutException e) {
            throw failed("no echo within " + patience.toSeconds() + " seconds");
        }
    });
}

SystemExit failed(String why) {
    System.err.println(why);
    return new SystemExit(1);
}

void main(String[] arguments) {
    if (arguments.length < 3 || !arguments[1].matches("\\d{1,5}")) {
        System.err.println("Usage: EchoClient host port message ...");
        throw new SystemExit(2);
    }
    String message = String.join(" ", List.of(arguments).subList(2, arguments.length));
    run(program(arguments[0], Integer.parseInt(arguments[1]), message));
}
