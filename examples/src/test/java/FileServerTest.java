import static asyncio.Asyncio.await;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.SystemExit;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The file server before raw sockets and the JDK's client.
@Timeout(120)
class FileServerTest {
    @TempDir Path directory;
    private FileServerRun server;

    @BeforeEach
    void prepare() throws Exception {
        server = new FileServerRun(directory);
    }

    @Test
    void get_fileInSubdirectoryOrWithOddName_itsBytesLengthAndType() {
        server.serve(uri -> {
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpResponse<byte[]> hello = get(client, uri.resolve("/hello.txt?query"));
                assertThat(hello.statusCode()).isEqualTo(200);
                assertThat(hello.body()).asString().isEqualTo("hello\n");
                assertThat(hello.headers().firstValue("Content-Type")).contains("text/plain");
                assertThat(hello.headers().firstValueAsLong("Content-Length")).hasValue(6);

                HttpResponse<byte[]> odd = get(client, uri.resolve("/sp%20ace%20%C3%BC.html"));
                assertThat(odd.body()).asString().isEqualTo("<p>x</p>");
                assertThat(odd.headers().firstValue("Content-Type")).contains("text/html");

                HttpResponse<byte[]> unknown = get(client, uri.resolve("/sub/unknown.zzz"));
                assertThat(unknown.body()).asString().isEqualTo("sub");
                assertThat(unknown.headers().firstValue("Content-Type")).isEmpty();

                assertThat(get(client, uri.resolve("/empty.bin")).body()).isEmpty();
                assertThat(get(client, uri.resolve("/big.bin")).body())
                        .isEqualTo(FileServerRun.big());
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void get_fortyAtOnce_allAreAnswered() {
        server.serve(uri -> {
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(uri.resolve("/hello.txt")).build();
                List<CompletableFuture<HttpResponse<String>>> answers =
                        IntStream.range(0, 40)
                                .mapToObj(i -> client.sendAsync(request, BodyHandlers.ofString()))
                                .toList();
                assertThat(answers)
                        .allSatisfy(
                                answer -> assertThat(answer.join().body()).isEqualTo("hello\n"));
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void head_file_lengthWithoutBody() {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                var answer = client.send("HEAD /big.bin HTTP/1.1\nHost: x\n\n").answer(false);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.header("content-length")).isEqualTo("2000000");
                assertThat(client.get("/hello.txt").text()).isEqualTo("hello\n");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/none",
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/sub/../../secret.txt",
                "/sub/%2E%2E%2f..%2fsecret.txt",
                "//etc/hostname",
                "/%2Fetc/hostname",
                "/link-out.txt",
                "/link-up/secret.txt",
                "/link-loop",
                "/hello.txt/x",
                "/a%00b"
            })
    void get_notBelowTheRoot_404AndTheConnectionLives(String path) throws Exception {
        Files.createSymbolicLink(
                server.root.resolve("link-out.txt"), directory.resolve("secret.txt"));
        Files.createSymbolicLink(server.root.resolve("link-up"), directory);
        Files.createSymbolicLink(server.root.resolve("link-loop"), Path.of("link-loop"));
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                var answer = client.get(path);
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.text()).isEqualTo("no such file\n");
                assertThat(client.get("/hello.txt").status()).isEqualTo(200);
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void get_linkOrDotsThatStayBelowTheRoot_theFile() throws Exception {
        Files.createSymbolicLink(server.root.resolve("link.txt"), Path.of("hello.txt"));
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                assertThat(client.get("/link.txt").text()).isEqualTo("hello\n");
                assertThat(client.get("/sub/../hello.txt").text()).isEqualTo("hello\n");
            }
        });
    }

    @Test
    void get_directory_namesInChunks() {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                var answer = client.get("/");
                assertThat(answer.header("transfer-encoding")).isEqualTo("chunked");
                assertThat(answer.header("content-type")).startsWith("application/json");
                assertThat(answer.text())
                        .isEqualTo(
                                "[\"big.bin\",\"empty.bin\",\"hello.txt\",\"sp ace"
                                        + " ü.html\",\"sub\"]");
                assertThat(client.get("/sub").text()).isEqualTo("[\"unknown.zzz\"]");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void post_numbersWithLengthOrInChunks_theirSum() {
        server.serve(uri -> {
            try (HttpClient client = HttpClient.newHttpClient()) {
                byte[] numbers = "[1, 2.5, -10]".getBytes(StandardCharsets.UTF_8);
                assertThat(sum(client, uri, BodyPublishers.ofByteArray(numbers), false))
                        .isEqualTo("-6.5");
                InputStream unknownLength = new ByteArrayInputStream(numbers);
                assertThat(
                                sum(
                                        client,
                                        uri,
                                        BodyPublishers.ofInputStream(() -> unknownLength),
                                        false))
                        .isEqualTo("-6.5");
                assertThat(sum(client, uri, BodyPublishers.ofByteArray(numbers), true))
                        .isEqualTo("-6.5");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    private static String sum(
            HttpClient client, URI uri, HttpRequest.BodyPublisher body, boolean expectContinue)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(uri.resolve("/api/sum"))
                        .version(HttpClient.Version.HTTP_1_1)
                        .expectContinue(expectContinue)
                        .POST(body)
                        .build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/json");
        return answer.body();
    }

    private static HttpResponse<byte[]> get(HttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[1,", "{}", "null", "[\"a\"]", "[1] 2", "x"})
    void post_noArrayOfNumbers_400(String body) {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                var answer = client.send(post(body)).answer();
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.text()).isEqualTo("not an array of numbers\n");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    private static String post(String body) {
        return "POST /api/sum HTTP/1.1\nHost: x\nContent-Length: " + body.length() + "\n\n" + body;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\n\n",
                "GET /hello.txt\n\n",
                "GET /hello.txt HTTP/1.1\n\n", // no host
                "GET /hello.txt HTTP/1.1\nHost x\n\n",
                "GET /%zz HTTP/1.1\nHost: x\n\n",
                "POST /api/sum HTTP/1.1\nHost: x\nContent-Length: many\n\n",
                "POST /api/sum HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nmany\n"
            })
    void request_malformed_400AndTheConnectionEnds(String request) {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                var answer = client.send(request).answer();
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.header("connection")).isEqualTo("close");
                assertThat(client.ends()).isTrue();
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void request_wrongMethod_405WithThoseThatAre() {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                var put =
                        client.send("PUT /hello.txt HTTP/1.1\nHost: x\nContent-Length: 1\n\nx")
                                .answer();
                assertThat(put.status()).isEqualTo(405);
                assertThat(put.header("allow")).isEqualTo("GET, HEAD");
                var get = client.get("/api/sum");
                assertThat(get.status()).isEqualTo(405);
                assertThat(get.header("allow")).isEqualTo("POST");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void request_bugInTheHandler_500IsReportedAndTheServerGoesOn() throws Exception {
        server.with("json", null)
                .serve(uri -> {
                    try (FileServerClient client = new FileServerClient(uri)) {
                        assertThat(client.send(post("[1]")).answer().status()).isEqualTo(500);
                        assertThat(client.get("/hello.txt").status()).isEqualTo(200);
                    }
                });
        assertThat(server.reports)
                .singleElement()
                .satisfies(report -> {
                    assertThat(report.message()).contains("POST", "/api/sum");
                    assertThat(report.exception()).isInstanceOf(NullPointerException.class);
                });
    }

    @Test
    void connection_http10OrCloseWanted_endsAfterTheAnswer() {
        server.serve(uri -> {
            for (String request :
                    List.of(
                            "GET /hello.txt HTTP/1.0\n\n",
                            "GET /hello.txt HTTP/1.1\nHost: x\nConnection: close\n\n")) {
                try (FileServerClient client = new FileServerClient(uri)) {
                    assertThat(client.send(request).answer().text()).isEqualTo("hello\n");
                    assertThat(client.ends()).isTrue();
                }
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void connection_pipelinedRequests_answersInTheirOrder() {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                client.send(
                        "GET /big.bin HTTP/1.1\nHost: x\n\n"
                                + post("[1, 2]")
                                + "GET /none HTTP/1.1\nHost: x\n\nGET /hello.txt HTTP/1.1\nHost: x\n\n");
                assertThat(client.answer().bytes()).isEqualTo(FileServerRun.big());
                assertThat(client.answer().text()).isEqualTo("3.0");
                assertThat(client.answer().status()).isEqualTo(404);
                assertThat(client.answer().text()).isEqualTo("hello\n");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void expectation_bodyThatFits_continueBeforeTheBody() {
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                client.send(
                        "POST /api/sum HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 3\n\n");
                assertThat(client.answer().status()).isEqualTo(100);
                assertThat(client.send("[4]").answer().text()).isEqualTo("4.0");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Expect: 100-continue\nContent-Length: 101\n\n",
                "Content-Length: 101\n\n%s",
                "Transfer-Encoding: chunked\n\n40\n%.64s\n40\n%.64s\n",
            })
    void body_tooLong_413WithoutItsRest(String rest) throws Exception {
        String much = "1".repeat(101);
        server.with("requestTime", Duration.ofHours(1))
                .with("maxBody", 100)
                .serve(uri -> {
                    try (FileServerClient client = new FileServerClient(uri)) {
                        client.send(
                                "POST /api/sum HTTP/1.1\nHost: x\n" + rest.formatted(much, much));
                        var answer = client.answer();
                        assertThat(answer.status()).isEqualTo(413);
                        assertThat(answer.header("connection")).isEqualTo("close");
                        assertThat(client.ends()).isTrue();
                    }
                });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void body_longerThanAnyBuffer_clientSendsItAllAndStillGetsItsAnswer() {
        String tooMuch = "1".repeat(16_000_000);
        server.serve(uri -> {
            try (FileServerClient client = new FileServerClient(uri)) {
                assertThat(client.send(post(tooMuch)).answer().status()).isEqualTo(413);
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void body_asLongAsAllowed_isTaken() throws Exception {
        server.with("maxBody", 3)
                .serve(uri -> {
                    try (FileServerClient client = new FileServerClient(uri)) {
                        assertThat(client.send(post("[7]")).answer().text()).isEqualTo("7.0");
                    }
                });
    }

    @Test
    void headers_tooLongOrTooMany_431() {
        server.serve(uri -> {
            for (String request :
                    List.of(
                            "GET /" + "x".repeat(9000) + " HTTP/1.1\nHost: x\n\n",
                            "GET / HTTP/1.1\nHost: x\nLong: " + "x".repeat(9000) + "\n\n",
                            "GET / HTTP/1.1\nHost: x\n" + "Many: x\n".repeat(100) + "\n")) {
                try (FileServerClient client = new FileServerClient(uri)) {
                    assertThat(client.send(request).answer().status()).isEqualTo(431);
                    assertThat(client.ends()).isTrue();
                }
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void connections_atTheLimit_theNextOneWaits() throws Exception {
        server.with("maxConnections", 1)
                .serve(uri -> {
                    FileServerClient first = new FileServerClient(uri);
                    assertThat(first.get("/hello.txt").status()).isEqualTo(200);
                    try (FileServerClient second = new FileServerClient(uri)) {
                        second.send("GET /hello.txt HTTP/1.1\nHost: x\n\n");
                        assertThat(first.get("/big.bin").status()).isEqualTo(200);
                        assertThat(second.hasInput()).isFalse();

                        first.close();
                        assertThat(second.answer().status()).isEqualTo(200);
                    }
                });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void client_goesAwayInTheMiddle_nothingIsReported() {
        server.serve(uri -> {
            for (String request :
                    List.of(
                            "",
                            "GET /he",
                            "POST /api/sum HTTP/1.1\nHost: x\nContent-Length: 9\n\n[",
                            "POST /api/sum HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n9\n[",
                            "GET /big.bin HTTP/1.1\nHost: x\n\n")) {
                new FileServerClient(uri).send(request).close();
            }
            try (FileServerClient client = new FileServerClient(uri)) {
                assertThat(client.get("/hello.txt").status()).isEqualTo(200);
            }
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void stop_idleAndBusyConnections_idleOnesEndBusyOnesAreAnswered() {
        server.watch((uri, task) -> {
            FileServerClient idle = new FileServerClient(uri);
            FileServerClient busy =
                    await(
                            toThread(() -> {
                                assertThat(idle.get("/hello.txt").status()).isEqualTo(200);
                                return beginPost(uri);
                            }));

            task.cancel();

            await(
                    toThread(() -> {
                        assertThat(idle.ends()).isTrue();
                        idle.close();
                        assertAnswered(busy);
                        assertThatThrownBy(() -> new FileServerClient(uri))
                                .isInstanceOf(ConnectException.class);
                    }));
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void stop_requestThatDoesNotEnd_isCutOffAfterTheGrace() throws Exception {
        server.with("grace", Duration.ofMillis(1))
                .watch((uri, task) -> {
                    try (FileServerClient stuck = await(toThread(() -> beginPost(uri)))) {
                        task.cancel();
                        assertThatThrownBy(() -> await(toThread(() -> stuck.answer())))
                                .isInstanceOf(IOException.class);
                    }
                });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void sigterm_whileARequestIsAnswered_isAnsweredBeforeTheProcessEnds() throws Exception {
        List<String> command = Example.command("FileServer", server.root.toString(), "0");
        Process process = new ProcessBuilder(command).start();
        try (BufferedReader output = process.inputReader()) {
            URI uri = FileServerRun.uri(output.readLine());
            FileServerClient idle = new FileServerClient(uri);
            assertThat(idle.get("/hello.txt").status()).isEqualTo(200);
            FileServerClient busy = beginPost(uri);

            process.toHandle().destroy(); // SIGTERM

            assertThat(idle.ends()).isTrue();
            assertAnswered(busy);
            assertThat(output.lines()).containsExactly("stopped; requests cut off: 0");
            process.waitFor();
            idle.close();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none 0", ". port"})
    void main_wrongArguments_saysHowItIsUsed(String arguments) {
        PrintStream before = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> server.program.call("main", (Object) arguments.split(" ")))
                    .isInstanceOfSatisfying(
                            SystemExit.class, exit -> assertThat(exit.code()).isEqualTo(2));
        } finally {
            System.setErr(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .startsWith("Usage: FileServer ")
                .containsAnyOf("none", "port")
                .hasLineCount(1);
    }

    /// A request whose body has not come yet.
    private static FileServerClient beginPost(URI uri) throws IOException {
        FileServerClient client = new FileServerClient(uri);
        client.send("POST /api/sum HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 3\n\n");
        assertThat(client.answer().status()).isEqualTo(100);
        return client;
    }

    private static void assertAnswered(FileServerClient client) throws IOException {
        var answer = client.send("[5]").answer();
        assertThat(answer.text()).isEqualTo("5.0");
        assertThat(answer.header("connection")).isEqualTo("close");
        assertThat(client.ends()).isTrue();
        client.close();
    }
}
