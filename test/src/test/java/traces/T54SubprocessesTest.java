package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.process.Processes.createSubprocessExec;
import static asyncio.process.Processes.createSubprocessShell;
import static asyncio.process.Stdio.DEVNULL;
import static asyncio.process.Stdio.PIPE;

import asyncio.process.Process;
import asyncio.process.ProcessOptions;
import asyncio.process.ProcessOutput;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `communicate`, exit codes, both outputs, a megabyte through both pipes, line by line, kill, a
/// program that does not exist.
@Spec({"SUB-1", "SUB-2", "SUB-3", "F-SUB-2"})
class T54SubprocessesTest extends Trace {
    private static final ProcessOptions IN = ProcessOptions.DEFAULT.stdin(PIPE);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String code(Process process) {
        return String.valueOf(process.returnCode().orElseThrow());
    }

    private void main() {
        Process process = await(createSubprocessExec(IN.stdout(PIPE), "tr", "a-z", "A-Z"));
        print("tr", "running:", yes(process.returnCode().isEmpty()));
        ProcessOutput output = await(process.communicate(bytes("shout this")));
        String err = output.stderr().length == 0 ? "none" : "some";
        print("tr", output.stdoutText(), "err:", err, "code", code(process));

        process = await(createSubprocessShell(
                ProcessOptions.DEFAULT.stdout(PIPE).stderr(PIPE), "echo out; echo err >&2; exit 3"));
        output = await(process.communicate());
        print("shell", output.stdoutText().stripTrailing(), output.stderrText().stripTrailing(), "code", code(process));

        process = await(createSubprocessExec(IN.stdout(PIPE), "cat"));
        byte[] payload = bytes("0123456789abcdef".repeat(65536));
        output = await(process.communicate(payload));
        print("cat", "a megabyte back:", yes(java.util.Arrays.equals(output.stdout(), payload)));

        process = await(createSubprocessExec(IN, "true"));
        await(process.communicate(payload));
        print("true", "ignores its input, code", code(process));

        process = await(createSubprocessExec(IN.stdout(PIPE), "cat"));
        for (String line : List.of("first\n", "second\n")) {
            process.stdin().write(bytes(line));
            await(process.stdin().drain());
            byte[] back = await(process.stdout().readLine());
            print("cat", "line", new String(back, StandardCharsets.UTF_8).stripTrailing());
        }
        process.stdin().close();
        print("cat", "code", await(process.waitExited()), "again", await(process.waitExited()));
        process.close(); // its output was not read to the end

        process = await(createSubprocessExec(ProcessOptions.DEFAULT.stdout(DEVNULL), "sleep", "60"));
        process.kill();
        print("sleep", "killed, code", await(process.waitExited()));
        try {
            await(createSubprocessExec("there-is-no-such-program"), IOException.class);
        } catch (NoSuchFileException error) {
            print("missing", "FileNotFoundError");
        } catch (IOException error) {
            print("missing", name(error));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("54-subprocess");
    }
}
