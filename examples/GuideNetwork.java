import static asyncio.Asyncio.*;
import static asyncio.net.Net.*;
import static asyncio.process.Processes.*;
import static asyncio.stream.Sendfile.sendfile;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ReturnWhen;
import asyncio.SignalReceiver;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.net.ConnectOptions;
import asyncio.net.Datagram;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.net.LoopGroup;
import asyncio.net.LoopGroupOptions;
import asyncio.net.PipePair;
import asyncio.net.Resolver;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.process.CalledProcessException;
import asyncio.process.Process;
import asyncio.process.ProcessOptions;
import asyncio.process.RunProcessOptions;
import asyncio.process.Stdio;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.LimitOverrunException;
import asyncio.stream.MemoryStream;
import asyncio.stream.Protocol;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamTransport;
import asyncio.stream.StreamWriter;
import asyncio.stream.Transport;
import asyncio.sync.Event;
import asyncio.tls.ClientAuth;
import asyncio.tls.TlsContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLException;

// The program of docs/guide/network.md. The regions are its Java blocks. It needs real time and a
// Unix.

static final String HOST = "127.0.0.1";

// region bytes
ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
}

String readText(ByteStream stream) throws IOException { // up to the end of the stream
    return new String(stream.inputStream().readAllBytes(), UTF_8);
}

// endregion

// region handler
void echo(ByteStream stream) { // serves one connection
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (await(stream.receive(buffer.clear())) >= 0) {
        await(stream.send(buffer.flip()));
    }
    await(stream.sendEof());
}

// endregion

// region echo
Coroutine<Void> echoes() {
    return async(() -> {
        try (Server server = await(serve(stream -> echo(stream), "127.0.0.1", 0))) {
            int port = server.port();
            try (ByteStream stream = await(connect("127.0.0.1", port))) {
                await(stream.send(utf8("hello")));
                await(stream.sendEof());
                IO.println("echo: " + readText(stream));
            }
            IO.println("cut off: " + await(server.stop(Duration.ofSeconds(5))));
        }
    });
}

// endregion

// region lines
void measure(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
        try {
            byte[] line = await(reader.readLine());
            while (line.length > 0) { // none: the end
                writer.write(utf8(line.length - 1 + " bytes\n"));
                await(writer.drain());
                line = await(reader.readLine(), IOException.class);
            }
        } catch (LimitOverrunException e) {
            writer.write(utf8("too long\n"));
        }
    }
}

Coroutine<Void> lines() {
    return async(() -> {
        ServerOptions options = ServerOptions.DEFAULT.limitBytes(16);
        try (Server server = await(startServer(this::measure, HOST, 0, options));
                StreamPair pair = await(openConnection(HOST, server.port()))) {
            pair.writer().write(utf8("four\nseventeen letters\n"));
            try (var answers = pair.reader().lines(UTF_8).values()) {
                for (String answer : answers) {
                    IO.println("answer: " + answer);
                }
            }
        }
    });
}

// endregion

// region frame
static final int MAX_FRAME_BYTES = 1 << 20;

byte[] readFrame(StreamReader reader) throws IOException {
    int length = ByteBuffer.wrap(await(reader.readExactly(4))).getInt();
    if (length < 0 || length > MAX_FRAME_BYTES) { // readExactly has no limit: the peer would set it
        throw new ProtocolException("a frame of " + length + " bytes");
    }
    return await(reader.readExactly(length));
}

Coroutine<Void> frames() {
    return async(() -> {
        List<MemoryStream> ends = MemoryStream.pair(getRunningLoop());
        try (ByteStream sender = ends.get(0);
                StreamPair receiver = StreamPair.over(ends.get(1), StreamPair.DEFAULT_LIMIT)) {
            await(sender.send(ByteBuffer.allocate(9).putInt(5).put(utf8("frame")).flip()));
            IO.println("frame: " + new String(readFrame(receiver.reader()), UTF_8));
        }
    });
}

// endregion

// region timeout
Coroutine<Void> patience() {
    return async(() -> {
        Event go = new Event();
        try (Server server = await(serve(stream -> answerAfter(go, stream), HOST, 0));
                ByteStream stream = await(connect(HOST, server.port()))) {
            ByteBuffer buffer = ByteBuffer.allocate(64);
            try {
                await(timeout(Duration.ofMillis(50), () -> await(stream.receive(buffer))));
            } catch (TimeoutException e) {
                IO.println("no answer in 50 ms");
            }
            go.set();
            await(stream.receive(buffer));
            IO.println("then: " + UTF_8.decode(buffer.flip()));
        }
    });
}

void answerAfter(Event event, ByteStream stream) {
    await(event.awaitSet());
    await(stream.send(utf8("the answer")));
}

// endregion

// region server
Coroutine<Void> orderlyEnd() {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        loop.setExceptionHandler(
                (theLoop, context) -> IO.println("reported: " + context.exception()));
        Event working = new Event();
        ServerOptions options = ServerOptions.DEFAULT.maxConnections(1000);
        try (Server server = await(serve(stream -> work(stream, working), HOST, 0, options))) {
            try (ByteStream wrong = await(connect(HOST, server.port()))) {
                await(wrong.send(utf8("?")));
                IO.println("its client sees the end: " + readText(wrong).isEmpty());
            }
            try (ByteStream slow = await(connect(HOST, server.port()))) {
                await(slow.send(utf8("w")));
                await(working.awaitSet());
                IO.println("cut off: " + await(server.stop(Duration.ofMillis(50))));
            }
        }
        loop.setExceptionHandler(null);
    });
}

void work(ByteStream stream, Event working) throws IOException {
    if (stream.inputStream().read() != 'w') {
        throw new ProtocolException("no such command");
    }
    working.set();
    try {
        await(sleep(Duration.ofHours(1)));
    } finally {
        IO.println("the handler was cancelled, and cleans up");
    }
}

// endregion

// region service
Coroutine<Void> service(Event serving) {
    return async(() -> {
        Server server = await(serve(stream -> echo(stream), HOST, 0));
        serving.set();
        await(server.serveForever(Duration.ofSeconds(5))); // until this task is cancelled
    });
}

// endregion

Coroutine<Void> stopService() {
    return async(() -> {
        Event serving = new Event();
        Task<Void> service = createTask(service(serving));
        await(serving.awaitSet());
        service.cancel(); // as Ctrl-C does
        await(waitUntil(List.of(service), ReturnWhen.ALL_COMPLETED));
        IO.println("cancelled: " + service.isCancelled());
    });
}

// region tls
Coroutine<Void> overTls(Path pem) {
    return async(() -> {
        TlsContext ours =
                await(toThread(() -> TlsContext.server(pem, pem).alpnProtocols("h2", "hello")));
        TlsContext theirs =
                await(toThread(() -> TlsContext.client().trusting(pem).alpnProtocols("hello")));
        ServerOptions options = ServerOptions.DEFAULT.tls(ours);
        try (Server server =
                await(serve(stream -> await(stream.send(utf8("welcome"))), HOST, 0, options))) {
            ConnectOptions client = ConnectOptions.DEFAULT.tls(theirs);
            try (ByteStream stream =
                    await(connect(HOST, server.port(), client.serverHostname("localhost")))) {
                IO.println("protocol: " + stream.extraInfo(ExtraInfo.ALPN_PROTOCOL));
                IO.println("text: " + readText(stream));
            }
            try (ByteStream stream =
                    await(connect(HOST, server.port(), client), IOException.class)) {
                IO.println("connected to " + stream);
            } catch (SSLException e) {
                IO.println("the certificate is for another host");
            }
        }
    });
}

// endregion

// region clients
Coroutine<Void> knownClients(Path serverPem, Path alicePem) {
    return async(() -> {
        TlsContext ours =
                TlsContext.server(serverPem, serverPem)
                        .clientAuth(ClientAuth.NEEDED)
                        .trusting(alicePem);
        TlsContext alice =
                TlsContext.client().trusting(serverPem).clientCertificate(alicePem, alicePem);
        ServerOptions options = ServerOptions.DEFAULT.tls(ours);
        ConnectOptions client = ConnectOptions.DEFAULT.tls(alice).serverHostname("localhost");
        try (Server server = await(serve(this::greetByName, HOST, 0, options));
                ByteStream stream = await(connect(HOST, server.port(), client))) {
            IO.println(readText(stream));
        }
    });
}

void greetByName(ByteStream stream) throws IOException {
    var session = stream.extraInfo(ExtraInfo.TLS_SESSION);
    await(stream.send(utf8("hello " + session.getPeerPrincipal().getName())));
}

// endregion

// region startTls
void mail(StreamReader reader, StreamWriter writer, TlsContext tls) {
    try (writer) {
        await(reader.readLine()); // STARTTLS
        writer.write(utf8("220 go ahead\r\n"));
        await(writer.startTls(tls.server()));
        writer.write(utf8("you said: "));
        writer.write(await(reader.readLine()));
        await(writer.aclose());
    }
}

Coroutine<Void> upgrade(Path pem) {
    return async(() -> {
        TlsContext tls = TlsContext.server(pem, pem);
        try (Server server =
                        await(startServer((reader, writer) -> mail(reader, writer, tls), HOST, 0));
                StreamPair pair = await(openConnection(HOST, server.port()))) {
            pair.writer().write(utf8("STARTTLS\r\n"));
            IO.println("in the clear: " + line(pair.reader()));
            await(pair.writer().startTls(TlsContext.client().trusting(pem).client("localhost")));
            pair.writer().write(utf8("a secret\r\n"));
            IO.println("over TLS: " + line(pair.reader()));
            await(pair.writer().aclose());
        }
    });
}

String line(StreamReader reader) {
    return new String(await(reader.readLine()), UTF_8).strip();
}

// endregion

/// A certificate and its key in one PEM file, for a day: the JDK's tool makes it.
Coroutine<Path> certificate(Path directory, String name) {
    return async(() -> {
        Path store = directory.resolve(name + ".p12");
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String genkeypair =
                """
                -genkeypair -keyalg EC -validity 1 -storetype PKCS12 -storepass password -alias x \
                -dname CN=%1$s -ext san=dns:%1$s -keystore\
                """
                        .formatted(name);
        String[] arguments =
                Stream.concat(Stream.of(genkeypair.split(" ")), Stream.of(store.toString()))
                        .toArray(String[]::new);
        await(runProcess(tool, arguments));
        return await(toThread(() -> toPem(store)));
    });
}

Path toPem(Path store) throws Exception {
    char[] password = "password".toCharArray();
    KeyStore keys = KeyStore.getInstance(store.toFile(), password);
    String pem =
            pem("CERTIFICATE", keys.getCertificate("x").getEncoded())
                    + pem("PRIVATE KEY", keys.getKey("x", password).getEncoded());
    return Files.writeString(store.resolveSibling(store.getFileName() + ".pem"), pem);
}

String pem(String what, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
}

// region names
Coroutine<Void> ownNames() {
    return async(() -> {
        Resolver names =
                host ->
                        async(() ->
                                List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral(HOST)));
        try (Server server = await(serve(stream -> echo(stream), HOST, 0))) {
            ConnectOptions options =
                    ConnectOptions.DEFAULT.resolver(names).connectTimeout(Duration.ofSeconds(10));
            try (ByteStream stream = await(connect("shop.example", server.port(), options))) {
                var peer = (InetSocketAddress) stream.extraInfo(ExtraInfo.PEER_ADDRESS);
                IO.println("shop.example is " + peer.getAddress().getHostAddress());
            }
        }
    });
}

// endregion

// region udp
Coroutine<Void> datagrams() {
    return async(() -> {
        DatagramOptions anyPort =
                DatagramOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (DatagramEndpoint server = await(openDatagramEndpoint(anyPort));
                DatagramEndpoint client =
                        await(openDatagramEndpoint(DatagramOptions.to(server.localAddress())))) {
            await(
                    taskGroup(group -> {
                        group.createDaemon(
                                server.forEach(packet ->
                                        await(server.send(packet.data(), packet.address()))));
                        IO.println("answer: " + ask(client, "ping"));
                    }));
        }
    });
}

String ask(DatagramEndpoint endpoint, String question) throws IOException {
    for (int attempt = 1; attempt <= 3; attempt++) { // datagrams get lost
        await(endpoint.send(utf8(question)));
        try {
            Datagram answer =
                    await(timeout(Duration.ofSeconds(5), () -> await(endpoint.receive())));
            return UTF_8.decode(answer.data()).toString();
        } catch (TimeoutException e) {
            IO.println("attempt " + attempt + " was in vain");
        }
    }
    throw new IOException("no answer");
}

// endregion

// region unix
Coroutine<Void> unixSocket(Path directory) {
    return async(() -> {
        Path path = directory.resolve("echo.sock");
        try (Server server = await(serveUnix(stream -> echo(stream), path));
                ByteStream stream = await(connectUnix(path))) {
            IO.println("serving: " + server.isServing());
            IO.println(
                    "who may: "
                            + PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            await(stream.send(utf8("over " + path.getFileName())));
            await(stream.sendEof());
            IO.println("echo: " + readText(stream));
        }
        try (PipePair pipe = await(openPipe())) {
            await(pipe.sink().send(utf8("through a pipe")));
            pipe.sink().close();
            IO.println(readText(pipe.source()));
        }
    });
}

// endregion

// region run
Coroutine<Void> children() {
    return async(() -> {
        IO.println("output: " + await(runProcess("echo", "hello")).stdoutText().strip());
        try {
            await(runShell(RunProcessOptions.DEFAULT, "echo no such shop >&2; exit 3"));
        } catch (CalledProcessException e) {
            var process = e.process().orElseThrow();
            IO.println(process.returnCode().getAsInt() + ": " + process.stderrText().strip());
        }
        try {
            await(
                    runProcess(
                            RunProcessOptions.DEFAULT.timeout(Duration.ofMillis(50)),
                            "sleep",
                            "60"));
        } catch (TimeoutException e) {
            IO.println("it took too long, and was ended");
        }
    });
}

// endregion

// region talk
Coroutine<Void> talkToChildren() {
    return async(() -> {
        try (Process sort = await(createSubprocessExec(ProcessOptions.PIPED, "sort"))) {
            var output = await(sort.communicate("pear\nfig\n".getBytes(UTF_8)));
            IO.println("sorted: " + output.stdoutText().lines().toList());
        }
        ProcessOptions piped = ProcessOptions.DEFAULT.stdout(Stdio.PIPE);
        try (Process shell = await(createSubprocessShell(piped, "sleep 60 & echo ready; wait"))) {
            IO.println("first line: " + line(shell.stdout()));
            IO.println("return code: " + await(shell.stop(Duration.ofSeconds(5))));
        }
    });
}

// endregion

// region signals
Coroutine<Void> signals() {
    return async(() -> {
        String kill = "kill -USR1 " + ProcessHandle.current().pid();
        try (SignalReceiver received = SignalReceiver.open("USR1")) {
            await(runShell(RunProcessOptions.DEFAULT, kill));
            IO.println("received " + await(received.anext()).orElseThrow());
        }
        Event reload = new Event();
        getRunningLoop().addSignalHandler("USR1", reload::set);
        await(runShell(RunProcessOptions.DEFAULT, kill));
        await(reload.awaitSet());
        IO.println("reloading");
        getRunningLoop().removeSignalHandler("USR1");
    });
}

// endregion

// region protocol
class Shout implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport transport) {
        this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
        transport.write(utf8(UTF_8.decode(data).toString().toUpperCase(Locale.ROOT)));
    }

    @Override
    public void pauseWriting() { // the peer sends, but does not read
        transport.pauseReading();
    }

    @Override
    public void resumeWriting() {
        transport.resumeReading();
    }
}

Coroutine<Void> callbacks() {
    return async(() -> {
        try (Server server = await(createServer(() -> new Shout(), HOST, 0));
                ByteStream stream = await(connect(HOST, server.port()))) {
            await(stream.send(utf8("to a protocol")));
            await(stream.sendEof());
            IO.println(readText(stream));
        }
    });
}

// endregion

// region attach
static class Printer implements Protocol {
    @Override
    public void dataReceived(ByteBuffer data) {
        IO.println("data: " + UTF_8.decode(data));
    }
}

Coroutine<Void> attached() {
    return async(() -> {
        List<MemoryStream> ends = MemoryStream.pair(getRunningLoop());
        StreamTransport transport = StreamTransport.attach(ends.get(0), new Printer());
        await(ends.get(1).send(utf8("any stream will do")));
        await(ends.get(1).sendEof());
        await(transport.waitLost()); // it closes itself at the end
        ends.get(1).close();
    });
}

// endregion

// region channels
Coroutine<Void> ownChannels() {
    return async(() -> {
        try (Server server = await(serve(stream -> echo(stream), HOST, 0));
                SocketChannel channel = SocketChannel.open()) {
            channel.configureBlocking(false);
            await(sockConnect(channel, server.localAddress()));
            await(sockSendAll(channel, utf8("raw")));
            IO.println("received: " + new String(await(sockRecv(channel, 100)), UTF_8));
        }

        EventLoop loop = getRunningLoop();
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        Event ready = new Event();
        loop.addReader(pipe.source(), ready::set);
        pipe.sink().write(utf8("x"));
        await(ready.awaitSet());
        IO.println("the pipe can be read");
        loop.removeReader(pipe.source());
        pipe.source().close();
        pipe.sink().close();
    });
}

// endregion

// region group
class Guestbook { // one for each loop: no locks
    private int visits;

    void welcome(ByteStream stream) {
        visits++;
        await(stream.send(utf8("welcome, one of " + visits)));
    }
}

Coroutine<Void> severalLoops() {
    return async(() -> {
        LoopGroupOptions two = LoopGroupOptions.DEFAULT.loops(2).sharedPort(false);
        LoopGroup group = await(LoopGroup.serve(() -> new Guestbook()::welcome, HOST, 0, two));
        for (int i = 0; i < 4; i++) {
            try (ByteStream stream = await(connect(HOST, group.localAddress().getPort()))) {
                IO.println(readText(stream));
            }
        }
        await(group.stop(Duration.ofSeconds(5)));
    });
}

// endregion

// region blocking
void sendPacked(ByteStream stream, String text) throws IOException {
    try (var out = new GZIPOutputStream(stream.outputStream())) {
        out.write(text.getBytes(UTF_8));
    }
}

Coroutine<Void> blockingLibraries() {
    return async(() -> {
        try (Server server =
                        await(serve(stream -> sendPacked(stream, "packed\nlines\n"), HOST, 0));
                ByteStream stream = await(connect(HOST, server.port()))) {
            var in = new InputStreamReader(new GZIPInputStream(stream.inputStream()), UTF_8);
            IO.println(new BufferedReader(in).lines().toList());
        }
        try (Server server = await(serve(stream -> echo(stream), HOST, 0));
                ByteStream stream = await(connect(HOST, server.port()))) {
            Socket socket = stream.socket();
            socket.setSoTimeout(50);
            int first = socket.getInputStream().read();
            IO.println("unexpected: " + first);
        } catch (SocketTimeoutException e) {
            IO.println("a socket's timeout, and the loop went on");
        }
    });
}

// endregion

// region sendfile
Coroutine<Void> files(Path directory) {
    return async(() -> {
        Path file = Files.writeString(directory.resolve("page.html"), "<p>hello</p>");
        try (Server server = await(serve(stream -> sendPage(stream, file), HOST, 0));
                ByteStream stream = await(connect(HOST, server.port()))) {
            IO.println(readText(stream));
        }
    });
}

void sendPage(ByteStream stream, Path file) throws Exception {
    try (FileChannel channel = await(toThread(() -> FileChannel.open(file)))) {
        await(sendfile(stream, channel, 0, channel.size(), true));
    }
}

// endregion

Coroutine<Void> inDirectory(Path directory) {
    return async(() -> {
        List<Path> pems =
                await(gather(certificate(directory, "localhost"), certificate(directory, "alice")));
        getRunningLoop()
                .setExceptionHandler(
                        (loop, context) -> {}); // the failed handshake, on the server's side
        await(overTls(pems.get(0)));
        await(knownClients(pems.get(0), pems.get(1)));
        await(upgrade(pems.get(0)));
        getRunningLoop().setExceptionHandler(null);
        await(unixSocket(directory));
        await(files(directory));
    });
}

Coroutine<Void> program() {
    return async(() -> {
        await(echoes());
        await(lines());
        await(frames());
        await(patience());
        await(orderlyEnd());
        await(stopService());
        await(ownNames());
        await(datagrams());
        await(children());
        await(talkToChildren());
        await(signals());
        await(callbacks());
        await(attached());
        await(ownChannels());
        await(severalLoops());
        await(blockingLibraries());
        Path directory = Files.createTempDirectory("guide");
        try {
            await(inDirectory(directory));
        } finally {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    });
}

void main() {
    run(program());
}
