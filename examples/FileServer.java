import static asyncio.Asyncio.*;
import static asyncio.net.Net.serve;

import asyncio.*;
import asyncio.net.*;
import asyncio.stream.*;
import asyncio.stream.StreamClosedException;
import org.apache.hc.core5.http.*;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.HttpProcessors;
import org.apache.hc.core5.http.impl.io.*;
import org.apache.hc.core5.http.io.HttpServerRequestHandler.ResponseTrigger;
import org.apache.hc.core5.http.io.entity.*;
import org.apache.hc.core5.http.io.support.*;
import org.apache.hc.core5.http.protocol.*;
import org.apache.hc.core5.util.Timeout;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.*;

// Files and JSON over HTTP/1.1. HttpCore, which was made for blocking sockets, reads and writes it:
// where such a socket would block, its code suspends a task. With httpcore5 and jackson-databind:
// ./asyncio run --class-path 'jars/*' examples/FileServer.java . 8080

Path root = Path.of("").toAbsolutePath(); // a real path; what is served lies below it
int port = 8080;
int maxConnections = 1000; // more of them wait
int maxBody = 1 << 20; // bytes
Http1Config limits = Http1Config.custom().setMaxLineLength(8192).setMaxHeaderCount(100).build();
Duration idleTime = Duration.ofSeconds(15); // until a request begins
Duration requestTime = Duration.ofSeconds(30); // for a request, and anew for each piece of a file
Duration lingerTime = Duration.ofSeconds(2); // for a client to stop sending and take its answer
Duration grace = Duration.ofSeconds(5); // for what is being answered when the server stops

ObjectMapper json = new ObjectMapper();
Set<ByteStream> idle = Collections.newSetFromMap(new WeakHashMap<>()); // between requests
boolean stopping;
ContextVar<CancelScope> deadline = ContextVar.of("deadline"); // of the task's request

ClassicResponseBuilder answer(ClassicHttpRequest request, byte[] body) throws URISyntaxException {
    String path = request.getUri().getPath(); // decoded, and without the query
    boolean isSum = path.equals("/api/sum");
    List<String> methods = isSum ? List.of("POST") : List.of("GET", "HEAD");
    if (!methods.contains(request.getMethod())) {
        return text(405, "wrong method").addHeader("Allow", String.join(", ", methods));
    }
    return isSum ? sum(body) : await(toThread(() -> find(path)));
}

ClassicResponseBuilder text(int status, String text) {
    return ClassicResponseBuilder.create(status).setEntity(text + "\n", ContentType.TEXT_PLAIN);
}

ClassicResponseBuilder ok(HttpEntity entity) {
    return ClassicResponseBuilder.create(200).setEntity(entity);
}

ClassicResponseBuilder sum(byte[] body) {
    try {
        JsonNode numbers = json.readTree(body).asArray();
        double sum = numbers.valueStream().mapToDouble(JsonNode::doubleValue).sum();
        return ok(HttpEntities.create(json.writeValueAsBytes(sum), ContentType.APPLICATION_JSON));
    } catch (JacksonException e) {
        return text(400, "not an array of numbers");
    }
}

/// Blocks. Follows dots and links first, and then finds only what lies below the root.
ClassicResponseBuilder find(String path) throws IOException {
    try {
        Path file = root.resolve(path.substring(1)).toRealPath();
        if (file.startsWith(root) && Files.isDirectory(file)) {
            return list(file);
        } else if (file.startsWith(root) && Files.isRegularFile(file)) {
            long size = Files.size(file);
            ContentType type = ContentType.parse(Files.probeContentType(file)); // null: unknown
            return ok(new EntityTemplate(size, type, out -> send(file, size, out)));
        }
    } catch (FileSystemException | InvalidPathException e) { // the client need not know why
    }
    return text(404, "no such file");
}

/// Blocks. Sent in chunks as it is written: nobody counts its bytes before.
ClassicResponseBuilder list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
        var names = files.map(file -> file.getFileName().toString()).sorted().toList();
        var type = ContentType.APPLICATION_JSON;
        return ok(HttpEntities.create(out -> json.writeValue(out, names), type));
    }
}

void send(Path file, long size, OutputStream out) throws IOException {
    try (FileChannel channel = await(toThread(() -> FileChannel.open(file)))) {
        ByteBuffer piece = ByteBuffer.allocate(65536);
        for (long left = size; left > 0; left -= piece.position()) {
            if (await(toThread(() -> channel.read(piece.clear()))) < 0) {
                throw new EOFException("file became shorter while it was sent: " + file);
            }
            out.write(piece.array(), 0, piece.position());
            deadline.get().extend(requestTime);
        }
    }
}

void handle(ClassicHttpRequest request, ResponseTrigger trigger, HttpContext context)
        throws HttpException, IOException {
    ClassicResponseBuilder answer;
    try {
        HttpEntity entity = request.getEntity();
        byte[] body = entity == null ? new byte[0] : entity.getContent().readNBytes(maxBody + 1);
        answer = body.length > maxBody ? last(request, 413, "too long") : answer(request, body);
    } catch (URISyntaxException | MalformedChunkCodingException | MessageConstraintException e) {
        answer = last(request, 400, e.getMessage());
    } catch (RuntimeException e) {
        getRunningLoop().callExceptionHandler(ExceptionContext.of("no answer to " + request, e));
        answer = text(500, "a fault of the server");
    }
    if (stopping) {
        answer.setHeader("Connection", "close");
    }
    trigger.submitResponse(answer.build());
}

/// The last answer of a connection: the rest of the request is not read.
ClassicResponseBuilder last(ClassicHttpRequest request, int status, String text) {
    request.setEntity(null);
    return text(status, text).addHeader("Connection", "close");
}

BasicHttpServerExpectationDecorator handler =
        new BasicHttpServerExpectationDecorator(this::handle) {
            @Override
            protected ClassicHttpResponse verify(ClassicHttpRequest request, HttpContext context) {
                boolean fits = request.getEntity().getContentLength() <= maxBody;
                return fits ? null : last(request, 413, "too long").build(); // null: go on
            }
        };
HttpService service = new HttpService(HttpProcessors.server("asyncio"), handler);

/// Receives a request and sends its answer, if that does not take too long.
boolean exchange(DefaultBHttpServerConnection connection) {
    CancelScope scope = CancelScope.after(requestTime);
    deadline.set(scope);
    var context = HttpCoreContext.create();
    return await(scope.run((CancelScope _) -> service.handleRequest(connection, context)));
}

/// Serves one client, request after request.
void converse(ByteStream stream) throws Exception {
    var parser = new DefaultHttpRequestParserFactory(limits);
    var connection =
            new DefaultBHttpServerConnection("http", limits, null, null, null, null, parser, null) {
                boolean ended;

                @Override
                public void close() {
                    ended = true; // closed below
                }
            };
    connection.bind(stream.socket());
    try {
        while (!stopping && !connection.ended) {
            idle.add(stream);
            boolean requested = connection.isDataAvailable(Timeout.of(idleTime));
            idle.remove(stream);
            if (!requested || !exchange(connection)) {
                return; // too slow, or gone
            }
        }
        stream.closeGently(lingerTime); // whatever the client still sends, it gets its answer
    } catch (ConnectionResetException | StreamClosedException | ConnectionClosedException e) {
        idle.remove(stream); // gone, or closed because the server stops
    }
}

void program() throws Exception {
    var options = ServerOptions.DEFAULT.maxConnections(maxConnections);
    Server server = await(serve(this::converse, "127.0.0.1", port, options));
    IO.println("listening on port " + server.port());
    try {
        await(getRunningLoop().createFuture()); // until a signal cancels this task
    } finally {
        stopping = true;
        Set.copyOf(idle).forEach(ByteStream::close);
        IO.println("stopped; requests cut off: " + await(server.stop(grace)));
    }
}

void main(String[] arguments) {
    try {
        root = Path.of(arguments.length > 0 ? arguments[0] : "").toRealPath();
        port = arguments.length > 1 ? Integer.parseInt(arguments[1]) : port;
    } catch (IOException | IllegalArgumentException e) {
        System.err.println("Usage: FileServer [directory [port]]; got " + e.getMessage());
        throw new SystemExit(2);
    }
    run(this::program, RunOptions.defaults().shutdownSignals("INT", "TERM"));
}
