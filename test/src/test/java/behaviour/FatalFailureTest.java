package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.sync.Event;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import org.junit.jupiter.api.Test;

/// A failure that leaves the loop at once is reported as lost only if nobody got it.
@Spec({"TASK-6", "F-TASK-14", "F-TASK-16"})
class FatalFailureTest {
    private final RecordingLogger logger = new RecordingLogger();
    private final LoopOptions options = VirtualTime.create().options().logger(logger);

    private static Coroutine<String> exits() {
        return async(() -> {
            throw new SystemExit(3);
        });
    }

    @Test
    void run_mainRaisesSystemExit_isNotReportedAsLost() {
        try (Runner runner = Runner.create(RunOptions.defaults().loop(options))) {
            assertThatThrownBy(() -> runner.run(exits())).isInstanceOf(SystemExit.class);
        }

        assertThat(logger.messagesWith("never retrieved")).isEmpty();
    }

    @Test
    void runUntilComplete_taskRaisesSystemExit_isNotReportedAsLost() {
        EventLoop loop = EventLoop.create(options);
        Task<String> task = loop.createTask(exits());

        assertThatThrownBy(() -> loop.runUntilComplete(task)).isInstanceOf(SystemExit.class);
        loop.close();

        assertThat(logger.messagesWith("never retrieved")).isEmpty();
    }

    @Test
    void run_childRaisesSystemExitAndNobodyAwaitsIt_isReportedOnce() {
        try (Runner runner = Runner.create(RunOptions.defaults().loop(options))) {
            Coroutine<String> main = async(() -> {
                createTask(exits());
                await(new Event().awaitSet());
                return "not reached";
            });
            assertThatThrownBy(() -> runner.run(main)).isInstanceOf(SystemExit.class);
        }

        assertThat(logger.messagesWith("never retrieved")).hasSize(1);
    }
}
