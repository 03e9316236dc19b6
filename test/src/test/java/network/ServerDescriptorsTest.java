package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.serve;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.VoidBody;
import asyncio.net.Server;
import asyncio.testing.Spec;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A server whose process runs out of descriptors, in a JVM of its own.
@Spec("IO-4")
class ServerDescriptorsTest {
    private static final int DESCRIPTORS = 200; // the JVM needs some dozens itself

    /// Echoes, and prints what is reported.
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            loadClasses();
            VoidBody main = () -> {
                getRunningLoop()
                        .setExceptionHandler((loop, context) ->
                                System.out.println(context.message().replaceFirst(":.*", "")));
                try (Server server = await(serve(Streams::echo, HOST, 0))) {
                    System.out.println(server.localAddress().getPort());
                    await(server.serveForever());
                }
            };
            run(main);
        }

        /// From directories, classes cannot be loaded any more when descriptors are out.
        private static void loadClasses() throws Exception {
            Path root = Path.of(Server.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (!Files.isDirectory(root)) {
                return; // a jar stays open
            }
            try (Stream<Path> files = Files.walk(root.resolve("asyncio"))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".class")).toList()) {
                    String name = root.relativize(file).toString().replace('/', '.');
                    Class.forName(name.substring(0, name.length() - ".class".length()));
                }
            }
        }
    }

    private static Process start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(
                "sh",
                "-c",
                "ulimit -n " + DESCRIPTORS + " && exec \"$@\"",
                "sh",
                java,
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dasyncio.engine=" + System.getProperty("asyncio.engine", "auto"),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String ask(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        ByteBuffer answer = ByteBuffer.allocate(100);
        client.read(answer);
        return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }

    @Test
    void accept_outOfDescriptors_isReportedAndRecovers() throws IOException {
        Process process = start();
        List<SocketChannel> clients = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            InetSocketAddress address = Streams.loopback(Integer.parseInt(nextLine(lines)));
            try (SocketChannel first = SocketChannel.open(address)) {
                assertThat(ask(first, "before")).isEqualTo("before");
                for (int i = 0; i < DESCRIPTORS; i++) {
                    clients.add(SocketChannel.open(address)); // the last ones stay in the backlog
                }
                assertThat(nextLine(lines)).isEqualTo("socket.accept() out of system resource");
                assertThat(ask(first, "meanwhile")).isEqualTo("meanwhile");
                for (SocketChannel client : clients) {
                    client.close();
                }
                try (SocketChannel last = SocketChannel.open(address)) {
                    assertThat(ask(last, "afterwards")).isEqualTo("afterwards");
                }
            }
        } finally {
            process.destroyForcibly();
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    private static String nextLine(BufferedReader lines) throws IOException {
        return Objects.requireNonNull(lines.readLine(), "the server has ended");
    }
}
