import static asyncio.Asyncio.*;
import static asyncio.net.Net.openConnection;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.Coroutine;
import asyncio.Future;
import asyncio.TaskGroup;
import asyncio.stream.StreamPair;
import asyncio.sync.Channel;

// A client for Redis. Tasks share one connection: their commands go out together, and the replies
// come back in the order of the commands. Usage: ./asyncio run examples/Redis.java [host [port]]

static final int MAX_BYTES = 64 << 20; // of a value; an element of an array counts as 64
static final int MAX_DEPTH = 16; // of arrays within arrays
static final byte[] CRLF = {'\r', '\n'};

/// What Redis says to a command that it refuses.
static final class RedisException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RedisException(String message) {
        super(message);
    }
}

/// A command as Redis reads it: an array of strings, each after its length.
static byte[] command(Object... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(("*" + words.length + "\r\n").getBytes(UTF_8));
    for (Object word : words) {
        byte[] bytes = word instanceof byte[] raw ? raw : word.toString().getBytes(UTF_8);
        out.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
        out.writeBytes(bytes);
        out.writeBytes(CRLF);
    }
    return out.toByteArray();
}

/// Reads a reply: text, a Long, a byte[], null, a RedisException, or a List of these.
static Object readReply(StreamPair in, int depth) throws IOException {
    byte[] line = await(in.reader().readUntil(CRLF), IOException.class);
    String text = new String(line, 1, Math.max(0, line.length - 3), UTF_8);
    return switch (line[0]) {
        case '+' -> text;
        case '-' -> new RedisException(text);
        case ':' -> Long.parseLong(text);
        case '$', '*' -> {
            boolean array = line[0] == '*';
            int size = Integer.parseInt(text); // -1 stands for null
            if (size < -1 || size > MAX_BYTES / (array ? 64 : 1) || depth > MAX_DEPTH) {
                throw new ProtocolException("size " + size + " at depth " + depth + " of a reply");
            }
            yield size < 0 ? null : array ? readArray(in, size, depth + 1) : readValue(in, size);
        }
        default -> throw new ProtocolException("not a reply: " + (char) line[0] + text);
    };
}

static byte[] readValue(StreamPair in, int size) throws IOException {
    byte[] value = await(in.reader().readExactly(size), IOException.class);
    if (!Arrays.equals(await(in.reader().readExactly(CRLF.length), IOException.class), CRLF)) {
        throw new ProtocolException("a value of " + size + " bytes does not end after them");
    }
    return value;
}

static List<Object> readArray(StreamPair in, int size, int depth) throws IOException {
    List<Object> values = new ArrayList<>();
    while (values.size() < size) {
        values.add(readReply(in, depth));
    }
    return values;
}

/// A connection that any number of tasks call on, while a daemon receives.
static final class Client {
    private final StreamPair connection;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream(); // to be written
    private final ArrayDeque<Future<Object>> waiting = new ArrayDeque<>(); // in order of commands
    private Exception end; // why nobody can call any more

    Client(StreamPair connection) {
        this.connection = connection;
    }

    /// Sends a command and waits for the reply. A caller that is cancelled keeps its place in the
    /// line, so that the others get the replies that are theirs.
    Coroutine<Object> call(Object... words) {
        return async(() -> {
            if (end == null) {
                await(connection.writer().drain(), IOException.class); // while Redis does not read
            }
            if (end != null) {
                throw lost();
            }
            if (batch.size() == 0) { // to be written once all who are ready have called
                getRunningLoop().callSoon(this::write);
            }
            batch.writeBytes(command(words));
            waiting.add(getRunningLoop().createFuture());
            return await(waiting.getLast());
        });
    }

    private void write() {
        connection.writer().write(batch.toByteArray());
        batch.reset();
    }

    private IOException lost() {
        return new IOException("connection to Redis is lost: " + end.getMessage(), end);
    }

    /// Gives each reply to its caller; a daemon. If the connection is lost, all callers are told.
    Coroutine<Void> receive() {
        return async(() -> {
            try {
                while (true) {
                    Object reply = readReply(connection, 0);
                    if (waiting.isEmpty()) {
                        throw new ProtocolException("a reply to no command");
                    }
                    settle(waiting.remove(), reply);
                }
            } catch (IOException | NumberFormatException e) {
                end = e instanceof EOFException ? new EOFException("Redis has closed it") : e;
            } finally {
                end = end != null ? end : new EOFException("it was closed here");
                waiting.forEach(caller -> settle(caller, lost()));
                connection.writer().transport().abort(); // what was not sent is not wanted any more
            }
        });
    }

    private static void settle(Future<Object> caller, Object reply) {
        if (!caller.isDone() && reply instanceof Exception failure) {
            caller.setException(failure);
        } else if (!caller.isDone()) { // else it was cancelled
            caller.setResult(reply);
        }
    }
}

/// Subscribes as a child of a group, and listens until the group ends. While nobody reads its
/// messages, nothing more is received than the receiver holds.
Coroutine<Iterable<String>> subscribe(TaskGroup group, String topic) {
    return group.start(status -> {
        Channel<String> messages = Channel.open(1000);
        try (StreamPair connection = await(openConnection(host, port));
                var out = messages.sender()) {
            connection.writer().write(command("SUBSCRIBE", topic));
            while (true) {
                switch (readReply(connection, 0)) {
                    case List<?> said when said.getLast() instanceof byte[] message ->
                            await(out.send(new String(message, UTF_8)));
                    case List<?> said -> status.started(messages.receiver()); // "subscribe"
                    case Object other -> throw new ProtocolException("cannot subscribe: " + other);
                }
            }
        }
    });
}

String host = "127.0.0.1";
int port = 6379;

Coroutine<Void> tour(Client redis, TaskGroup group) {
    return async(() -> {
        var hits = Stream.generate(() -> redis.call("INCR", "example:hits")).limit(1000);
        await(gather(hits.toList()));
        IO.println("hits: " + await(redis.call("INCRBY", "example:hits", 0)));
        await(redis.call("DEL", "example:hits"));
        Iterable<String> news = await(subscribe(group, "example:news"));
        for (String text : List.of("rain", "sun", "end")) {
            IO.println("listeners: " + await(redis.call("PUBLISH", "example:news", text)));
        }
        for (String text : news) {
            IO.println("news: " + text);
            if (text.equals("end")) {
                group.cancel();
            }
        }
    });
}

Coroutine<Void> program() {
    return taskGroup(group -> {
        Client redis = new Client(await(openConnection(host, port)));
        group.createDaemon(redis.receive());
        await(waitFor(tour(redis, group), Duration.ofSeconds(30)));
    });
}

void main(String[] args) {
    host = args.length > 0 ? args[0] : host;
    port = args.length > 1 ? Integer.parseInt(args[1]) : port;
    run(program());
}
