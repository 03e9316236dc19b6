import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The file server before curl and CPython's `http.client`.
@Tag("peers")
@Timeout(120)
class FileServerPeersTest {
    /// Three requests and more on one connection; prints what comes back.
    private static final String PYTHON =
            """
            import hashlib, http.client, json, sys
            connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=60)
            def ask(method, path, **more):
                connection.request(method, path, **more)
                response = connection.getresponse()
                body = response.read()
                print(method, path, response.status, len(body), response.will_close)
                return response, body
            response, body = ask('GET', '/hello.txt')
            print(body, response.getheader('Content-Type'))
            first = connection.sock
            response, body = ask('HEAD', '/big.bin')
            print(response.getheader('Content-Length'))
            response, body = ask('GET', '/big.bin')
            print(hashlib.sha256(body).hexdigest())
            response, body = ask('GET', '/')
            print(response.chunked, json.loads(body))
            response, body = ask('GET', '/none')
            response, body = ask('POST', '/api/sum', body=json.dumps([1, 2, 3]))
            print(json.loads(body))
            response, body = ask('POST', '/api/sum', body=iter([b'[4,', b'5]']), encode_chunked=True)
            print(json.loads(body))
            response, body = ask('DELETE', '/hello.txt')
            print(response.getheader('Allow'), connection.sock is first)
            response, body = ask('POST', '/api/sum', body=b'1' * 3000000)
            """;

    @TempDir Path directory;
    private FileServerRun server;

    @BeforeEach
    void prepare() throws Exception {
        server = new FileServerRun(directory);
    }

    @Test
    void python_manyRequestsOnOneConnection_allAnswersAreUnderstood() throws Exception {
        String hash = sha256(FileServerRun.big());
        server.serve(uri ->
                assertThat(output("python3", "-c", PYTHON, "" + uri.getPort()).lines())
                        .containsExactly(
                                "GET /hello.txt 200 6 False",
                                "b'hello\\n' text/plain",
                                "HEAD /big.bin 200 0 False",
                                "2000000",
                                "GET /big.bin 200 2000000 False",
                                hash,
                                "GET / 200 58 False",
                                "True ['big.bin', 'empty.bin', 'hello.txt', 'sp ace ü.html', 'sub']",
                                "GET /none 404 13 False",
                                "POST /api/sum 200 3 False",
                                "6.0",
                                "POST /api/sum 200 3 False",
                                "9.0",
                                "DELETE /hello.txt 405 13 False",
                                "GET, HEAD True",
                                "POST /api/sum 413 9 True"));
        assertThat(server.reports).isEmpty();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void curl_headAndFile_headersAndBytes() {
        server.serve(uri -> {
            assertThat(curl("-I", uri + "/big.bin").lines())
                    .contains("HTTP/1.1 200 OK", "Content-Length: 2000000");
            Path copy = directory.resolve("copy.bin");
            curl("-o", copy.toString(), uri + "/big.bin");
            assertThat(Files.readAllBytes(copy)).isEqualTo(FileServerRun.big());
            assertThat(curl(uri + "/sp%20ace%20%C3%BC.html")).isEqualTo("<p>x</p>");
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void curl_pathOutOfTheRoot_404() {
        server.serve(uri -> {
            assertThat(curl("--path-as-is", uri + "/../secret.txt")).isEqualTo("no such file\n");
            assertThat(curl("--path-as-is", uri + "/%2e%2e/secret.txt"))
                    .isEqualTo("no such file\n");
        });
    }

    @Test
    void curl_severalUrls_oneConnection() {
        server.serve(uri ->
                assertThat(
                                curl(
                                                "-w",
                                                "%{http_code} %{num_connects}\\n",
                                                uri + "/hello.txt",
                                                uri + "/none",
                                                uri + "/hello.txt")
                                        .lines())
                        .containsExactly(
                                "hello", "200 1", "no such file", "404 0", "hello", "200 0"));
        assertThat(server.reports).isEmpty();
    }

    @Test
    void curl_postInAllForms_theSum() {
        server.serve(uri -> {
            String sum = uri + "/api/sum";
            assertThat(curl("-d", "[1, 2]", sum)).isEqualTo("3.0");
            assertThat(curl("-d", "[1, 2]", "-H", "Transfer-Encoding: chunked", sum))
                    .isEqualTo("3.0");
            assertThat(curl("-i", "-d", "[1, 2]", "-H", "Expect: 100-continue", sum).lines())
                    .startsWith("HTTP/1.1 100 Continue", "", "HTTP/1.1 200 OK")
                    .endsWith("3.0");
        });
        assertThat(server.reports).isEmpty();
    }

    @Test
    void curl_bodyTooLong_413AndNoContinue() throws Exception {
        Path much = Files.write(directory.resolve("much"), new byte[3_000_000]);
        server.serve(uri -> {
            String data = "@" + much;
            for (String header :
                    List.of("Expect: 100-continue", "Expect:", "Transfer-Encoding: chunked")) {
                assertThat(
                                curl(
                                        "-w",
                                        "%{http_code}",
                                        "-H",
                                        header,
                                        "--data-binary",
                                        data,
                                        uri + "/api/sum"))
                        .as(header)
                        .isEqualTo("too long\n413");
            }
        });
        assertThat(server.reports).isEmpty();
    }

    private static String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
        command.addAll(List.of(arguments));
        return output(command.toArray(String[]::new));
    }

    private static String output(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new AssertionError("this test needs " + command[0] + ": install it", e);
        }
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
