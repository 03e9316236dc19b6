package asyncio.cli;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HexFormat;

/// A single-file program as it was read, once: what is hashed is what is compiled.
///
/// Threads: immutable; the bytes are never written to.
final class SourceProgram {
    /// Goes into each key: raise it when the compiler options or the form of an entry change.
    private static final String KEY_FORMAT = "asyncio program 2";

    private final String path;
    private final String fileName;
    private final byte[] bytes;

    SourceProgram(String path, byte[] bytes) {
        this.path = path;
        this.fileName = new File(path).getName();
        this.bytes = bytes;
    }

    /// Reads the file.
    ///
    /// @throws UsageException if it is missing, not a readable file, or not named like Java source
    static SourceProgram read(String path) {
        File file = new File(path);
        if (!file.exists()) {
            throw new UsageException("no such file: " + path);
        }
        if (file.isDirectory()) {
            throw new UsageException("is a directory, not a program: " + path);
        }
        if (!path.endsWith(".java")) {
            throw new UsageException("not a Java source file: " + path + "; its name must end in .java");
        }
        try {
            return new SourceProgram(path, Files.readAllBytes(file.toPath()));
        } catch (IOException e) {
            throw new UsageException("cannot read " + path + ": " + e);
        }
    }

    /// The path as the user typed it, for messages.
    String path() {
        return path;
    }

    /// The text.
    ///
    /// @throws UsageException if the file is not UTF-8
    String text() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UsageException("not UTF-8: " + path + "; save it in that encoding");
        }
    }

    /// Names all that the compiled form depends on: text, file name, JDK, library and class path.
    String key(String libraryIdentity, String classPathIdentity) {
        MessageDigest digest = Hash.sha256();
        update(digest, KEY_FORMAT);
        update(digest, fileName);
        update(digest, System.getProperty("java.runtime.version", ""));
        update(digest, System.getProperty("java.home", ""));
        update(digest, libraryIdentity);
        update(digest, classPathIdentity);
        return HexFormat.of().formatHex(digest.digest(bytes));
    }

    private static void update(MessageDigest digest, String part) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }
}
