import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.toThread;

import asyncio.CancelledError;
import asyncio.ExceptionContext;
import asyncio.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The file server in this JVM, on a free port, above a directory with a few files.
final class FileServerRun {
    final Example program;
    final Path root;
    final List<ExceptionContext> reports = new ArrayList<>(); // of the loop's exception handler

    /// What a test does with a running server.
    @FunctionalInterface
    interface Client {
        void use(URI server) throws Exception;
    }

    /// What a test does on the server's own loop; cancelling the task is what a signal does.
    @FunctionalInterface
    interface Witness {
        void watch(URI server, Task<?> task) throws Exception;
    }

    FileServerRun(Path directory) throws Exception {
        root = Files.createDirectory(directory.toRealPath().resolve("root"));
        Files.writeString(directory.resolve("secret.txt"), "secret");
        Files.writeString(root.resolve("hello.txt"), "hello\n");
        Files.writeString(root.resolve("sp ace ü.html"), "<p>x</p>");
        Files.write(root.resolve("empty.bin"), new byte[0]);
        Files.write(root.resolve("big.bin"), big());
        Files.writeString(Files.createDirectory(root.resolve("sub")).resolve("unknown.zzz"), "sub");
        program = Example.of("FileServer").with("root", root).with("port", 0);
    }

    /// More than the buffers of a connection hold.
    static byte[] big() {
        byte[] bytes = new byte[2_000_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 65536);
        }
        return bytes;
    }

    FileServerRun with(String field, Object value) throws ReflectiveOperationException {
        program.with(field, value);
        return this;
    }

    /// Runs a client that blocks, on a thread of its own.
    void serve(Client client) {
        watch((server, task) -> await(toThread(() -> client.use(server))));
    }

    void watch(Witness witness) {
        PrintStream before = System.out;
        FirstLine printed = new FirstLine();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            run(() -> {
                getRunningLoop().setExceptionHandler((loop, context) -> reports.add(context));
                Task<Object> task = createTask(() -> program.call("program"));
                try {
                    witness.watch(uri(await(printed.line)), task);
                } finally {
                    stop(task);
                }
            });
        } finally {
            System.setOut(before);
        }
    }

    /// The address that a server says on its first line.
    static URI uri(String line) {
        return URI.create(line.replace("listening on port ", "http://127.0.0.1:"));
    }

    private static void stop(Task<?> task) {
        if (task.cancelling() == 0) {
            task.cancel();
        }
        try {
            await(task);
        } catch (CancelledError e) {
            // As after a signal.
        }
    }

    /// What is printed, up to the end of the line.
    static final class FirstLine extends OutputStream {
        final CompletableFuture<String> line = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public void write(int one) throws IOException {
            if (one == '\n') {
                line.complete(text.toString());
            }
            text.append((char) one);
        }
    }
}
