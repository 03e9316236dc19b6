package asyncio.process;

import java.nio.charset.StandardCharsets;

/// What a child has written.
///
/// Threads: immutable.
public final class ProcessOutput {
    private final byte[] stdout;
    private final byte[] stderr;

    ProcessOutput(byte[] stdout, byte[] stderr) {
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /// The output.
    ///
    /// @return a copy of the bytes; empty also if it was not a pipe
    public byte[] stdout() {
        return stdout.clone();
    }

    /// The error output.
    ///
    /// @return a copy of the bytes; empty also if it was not a pipe
    public byte[] stderr() {
        return stderr.clone();
    }

    /// The output as text in UTF-8.
    ///
    /// @return the text
    public String stdoutText() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /// The error output as text in UTF-8.
    ///
    /// @return the text
    public String stderrText() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "<ProcessOutput stdout=" + stdout.length + " bytes stderr=" + stderr.length + " bytes>";
    }
}
