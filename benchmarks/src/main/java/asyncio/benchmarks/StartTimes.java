package asyncio.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/// Measures whole processes: from their start to their first output, and to their end.
///
/// Threads: one.
final class StartTimes {
    private static final String FLAG = "--add-opens=java.base/java.lang=ALL-UNNAMED";
    private static final String PROGRAM = """
            import static asyncio.Asyncio.await;
            import static asyncio.Asyncio.run;
            import static asyncio.Asyncio.sleep;
            import java.time.Duration;

            void main() {
                run(() -> {
                    await(sleep(Duration.ZERO));
                    IO.println("hello");
                });
            }
            """;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Path root; // of the project, built
    private final Path scratch;
    private final String java =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private final Map<String, List<Double>> samples = new LinkedHashMap<>(); // milliseconds, by workload
    private int runs; // so far; gives each first run a cache of its own

    private StartTimes(Path root, Path scratch) {
        this.root = root;
        this.scratch = scratch;
    }

    /// Measures.
    ///
    /// @param arguments the project's directory, how many runs of each, and the file for the results
    /// @throws IOException if a program cannot be run
    /// @throws InterruptedException never, as nobody interrupts
    static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("arguments must be ROOT RUNS FILE: got " + List.of(arguments));
        }
        Path scratch = Files.createTempDirectory("asyncio-start");
        try {
            StartTimes times =
                    new StartTimes(Path.of(arguments[0]).toAbsolutePath().normalize(), scratch);
            times.measureAll(Integer.parseInt(arguments[1]));
            List<Result> results = new ArrayList<>();
            times.samples.forEach((workload, values) -> results.add(new Result("StartTimes", workload, "ms", values)));
            Result.write(Path.of(arguments[2]), results);
        } finally {
            deleteAll(scratch);
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> found = Files.walk(directory)) {
            paths = found.toList().reversed();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    private void measureAll(int count) throws IOException, InterruptedException {
        Path source = Files.writeString(scratch.resolve("Hello.java"), PROGRAM);
        Path plainSource = Files.writeString(scratch.resolve("Plain.java"), "void main() { IO.println(\"hello\"); }\n");
        String launcher = root.resolve("asyncio").toString();
        run("", launcher, "run", source.toString()); // builds, if need be, and fills the cache

        String plain = jar("plain.jar", PlainHello.class).toString();
        Path library = root.resolve("target/asyncio");
        String hello = jar("hello.jar", AsyncioHello.class)
                + File.pathSeparator
                + library.resolve("asyncio-core.jar")
                + File.pathSeparator
                + library.resolve("jspecify.jar");
        String main = AsyncioHello.class.getName();
        Path archive = scratch.resolve("hello.aot");
        run("", java, "-XX:AOTCacheOutput=" + archive, FLAG, "-cp", hello, main);

        for (int i = 0; i < count; i++) { // in turn, so that a disturbance hits all of them
            run("bareJava", java, "-cp", plain, PlainHello.class.getName());
            run("hello", java, FLAG, "-cp", hello, main);
            run("helloBaton", java, "-Dasyncio.engine=baton", "-cp", hello, main);
            run("helloAot", java, "-XX:AOTCache=" + archive, FLAG, "-cp", hello, main);
            run("sourceLauncher", java, plainSource.toString());
            run("runFirst", launcher, "run", source.toString());
            run("runWarm", launcher, "run", source.toString());
        }
    }

    /// A jar of one class.
    private Path jar(String name, Class<?> content) throws IOException {
        Path jar = scratch.resolve(name);
        String entry = content.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                InputStream in = content.getResourceAsStream("/" + entry)) {
            if (in == null) {
                throw new IllegalStateException("class file is missing: " + entry);
            }
            out.putNextEntry(new JarEntry(entry));
            in.transferTo(out);
        }
        return jar;
    }

    /// Runs a program that says hello; does not measure if the name is empty.
    private void run(String workload, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
        builder.environment().put("ASYNCIO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("ASYNCIO_CACHE", cache(workload).toString());
        long start = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        int first = process.getInputStream().read();
        long output = System.nanoTime();
        String rest = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        long end = System.nanoTime();
        String said = (char) first + rest.strip();
        if (status != 0 || !said.contains("hello")) { // the JVM may say more about an archive that it writes
            throw new IllegalStateException("program must say hello and end with 0: got " + status + " and " + said
                    + " from " + List.of(command));
        }
        if (!workload.isEmpty()) {
            add(workload + ":output", output - start);
            add(workload + ":exit", end - start);
        }
    }

    private Path cache(String workload) {
        return scratch.resolve(workload.equals("runFirst") ? "cache-" + runs++ : "cache");
    }

    private void add(String workload, long nanos) {
        samples.computeIfAbsent(workload, name -> new ArrayList<>()).add(nanos / NANOS_PER_MILLI);
    }
}
