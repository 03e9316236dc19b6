package asyncio.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The blocks of a PEM file.
///
/// Threads: immutable.
///
/// @param path the file
/// @param blocks what is in it, in order
record PemFile(Path path, List<Block> blocks) {
    private static final int MAX_BYTES = 4 * 1024 * 1024; // bundles of all public authorities have a quarter of that
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final byte DER_SEQUENCE = 0x30;

    /// What stands between a BEGIN and its END.
    ///
    /// @param label what it is
    /// @param der its bytes
    /// @param encrypted by the old way of OpenSSL, which has headers inside the block
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Block(String label, byte[] der, boolean encrypted) {
        boolean isKey() {
            return label.endsWith("PRIVATE KEY");
        }

        @Override
        public String toString() {
            return label; // never the bytes: they may be a key
        }
    }

    /// Reads a file.
    ///
    /// @throws IllegalArgumentException if it is no PEM file
    /// @throws UncheckedIOException if it cannot be read
    static PemFile read(Path path) {
        Objects.requireNonNull(path, "path must not be null");
        byte[] bytes;
        try (InputStream input = Files.newInputStream(path)) {
            bytes = input.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("PEM file not found: " + path.toAbsolutePath(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("PEM file cannot be read: " + path + ": " + e.getMessage(), e);
        }
        if (bytes.length == 0) {
            throw new IllegalArgumentException("PEM file is empty: " + path);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "PEM file is larger than " + MAX_BYTES + " bytes: " + path + "; name the right file");
        }
        List<Block> blocks = blocksOf(path, new String(bytes, StandardCharsets.ISO_8859_1));
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("file holds no PEM block (-----BEGIN ...): " + path
                    + (bytes[0] == DER_SEQUENCE ? "; it looks like DER, convert it with openssl" : ""));
        }
        return new PemFile(path, blocks);
    }

    private static List<Block> blocksOf(Path path, String text) {
        List<Block> blocks = new ArrayList<>();
        String label = null;
        StringBuilder body = new StringBuilder();
        for (String line : text.lines().map(String::strip).toList()) {
            if (label == null) {
                if (line.contains(BEGIN) && line.endsWith(DASHES)) {
                    label = line.substring(line.indexOf(BEGIN) + BEGIN.length(), line.length() - DASHES.length());
                    body.setLength(0);
                }
            } else if (line.startsWith(END + label)) {
                blocks.add(block(path, label, body.toString()));
                label = null;
            } else {
                body.append(line).append('\n');
            }
        }
        if (label != null) {
            throw new IllegalArgumentException("PEM file is cut short: " + path + "; " + label + " has no end");
        }
        return blocks;
    }

    private static Block block(Path path, String label, String body) {
        boolean encrypted = body.contains("Proc-Type:") && body.contains("ENCRYPTED");
        int headers = body.lastIndexOf(':');
        String encoded = headers < 0 ? body : body.substring(body.indexOf('\n', headers));
        try {
            return new Block(label, Base64.getMimeDecoder().decode(encoded), encrypted);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("PEM file is damaged: " + path + "; " + label + " is not base 64", e);
        }
    }

    /// The first private key, if there is one.
    @Nullable
    Block key() {
        return blocks.stream().filter(Block::isKey).findFirst().orElse(null);
    }

    /// The first block of a kind, if there is one.
    @Nullable
    Block first(String label) {
        return blocks.stream()
                .filter(block -> block.label.equals(label))
                .findFirst()
                .orElse(null);
    }

    @Override
    public String toString() {
        return path + " " + blocks;
    }
}
