package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.process.Processes.createSubprocessExec;
import static asyncio.process.Processes.createSubprocessShell;
import static asyncio.process.Processes.runProcess;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.process.Process;
import asyncio.process.ProcessOptions;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Child processes with pipes as this system has them: on Linux, without threads.
class ProcessTest extends ProcessContract {
    ProcessTest() {
        super("auto");
    }

    @Test
    void pipes_onLinux_needNoThread() {
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "cat"))) {
                assertThat(process.pipe(0).toString()).contains("<ChannelStream");
                assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().startsWith("asyncio-pipe"));
                await(process.communicate());
            }
        });
    }

    @Test
    @Spec("SUB-2")
    void pipes_childThatEndsAtOnce_staysOpenForWhatItStarted() {
        run(() -> {
            try (Process process = await(createSubprocessShell(
                    ProcessOptions.PIPED, "exec 3<&0; (read word <&3; echo late $word) & exit 7"))) {
                assertThat(await(process.waitExited())).isEqualTo(7);
                process.stdin().write(bytes("but here\n"));
                await(process.stdin().drain());
                assertThat(text(await(process.stdout().read()))).isEqualTo("late but here\n");
            }
        });
    }

    @Test
    void loopClosed_withThreePipesOpen_closesAndReportsAllOfThem() {
        RecordingLogger logger = new RecordingLogger();
        Process left = run(
                async(() -> await(createSubprocessExec(ProcessOptions.PIPED, "sleep", "1000"))),
                RunOptions.defaults().loop(LoopOptions.defaults().logger(logger)));

        assertThat(logger.messagesWith("AS401"))
                .singleElement()
                .satisfies(text -> assertThat(text).contains("3 channels were still open"));
        assertThat(left.pipe(0).isClosed()).isTrue();
        assertThat(left.pipe(1).isClosed()).isTrue();
        assertThat(left.pipe(2).isClosed()).isTrue();
    }

    /// The end of the pipe that a child gets is found among all pipes: others must not be taken for it.
    @Test
    void pipes_whileOtherThreadsOpenAndChangeSome_areTheRightOnes() throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    try {
                        Pipe pipe = Pipe.open();
                        for (int change = 0; change < 20; change++) {
                            pipe.source().configureBlocking(change % 2 != 0);
                        }
                        pipe.source().close();
                        pipe.sink().close();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            }));
        }
        try {
            run(() -> {
                for (int i = 0; i < 20; i++) {
                    assertThat(await(runProcess("echo", "child " + i)).stdoutText())
                            .isEqualTo("child " + i + "\n");
                }
            });
        } finally {
            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}
