import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A client that sends what it is told to, right or wrong, and reads answers one by one.
final class FileServerClient implements AutoCloseable {
    private static final int GUARD_MILLIS = 60_000; // against hanging; no test waits for it

    /// An answer; names of headers are in lower case, a character of the body is a byte.
    record Answer(int status, Map<String, String> headers, String body) {
        byte[] bytes() {
            return body.getBytes(StandardCharsets.ISO_8859_1);
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        String header(String name) {
            return headers.get(name);
        }
    }

    private final Socket socket;
    private final InputStream input;

    FileServerClient(URI server) throws IOException {
        socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(GUARD_MILLIS);
        input = new BufferedInputStream(socket.getInputStream());
    }

    /// Sends text whose lines end as HTTP wants it.
    FileServerClient send(String text) throws IOException {
        return sendRaw(text.replace("\n", "\r\n"));
    }

    FileServerClient sendRaw(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Answer get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\nHost: x\n\n").answer();
    }

    Answer answer() throws IOException {
        return answer(true);
    }

    /// Reads an answer; one to HEAD has no body, whatever its headers say.
    Answer answer(boolean hasBody) throws IOException {
        String[] status = line().split(" ", 3);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            String[] parts = line.split(": ?", 2);
            headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        int code = Integer.parseInt(status[1]);
        byte[] body = hasBody && code >= 200 ? body(headers) : new byte[0];
        return new Answer(code, headers, new String(body, StandardCharsets.ISO_8859_1));
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if (!headers.containsKey("transfer-encoding")) {
            return exactly(Integer.parseInt(headers.get("content-length")));
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunk(); size > 0; size = chunk()) {
            body.write(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = input.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("connection ended in a body");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("connection ended in a line: " + line);
            }
            line.append((char) next);
        }
        return line.toString().stripTrailing();
    }

    /// Whether something has come that was not read.
    boolean hasInput() throws IOException {
        return input.available() > 0;
    }

    /// Waits until the server has closed the connection.
    ///
    /// @return whether nothing came before
    boolean ends() throws IOException {
        return input.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
