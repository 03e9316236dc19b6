package asyncio.loop;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.fiber.EngineKind;
import asyncio.fiber.Job;
import asyncio.spi.Clock;
import asyncio.spi.Poller;
import asyncio.spi.ReadyOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopCoreSubmitTest {
    private final List<String> ran = new ArrayList<>();
    private final LoopCore core =
            new LoopCore(EngineKind.BATON, Clock.system(), Poller.nio(), ReadyOrder.fifo(), Clock.system(), () -> {});

    private Job job(String name) {
        return new Job() {
            @Override
            protected void run() {
                ran.add(name);
            }

            @Override
            protected boolean isBare() {
                return true;
            }
        };
    }

    private void submitElsewhere(String name) throws InterruptedException {
        Thread thread = new Thread(() -> core.submit(job(name)));
        thread.start();
        thread.join();
    }

    private void runOnce() throws Throwable {
        core.stop();
        core.run();
    }

    @Test
    void submit_otherThreadBeforeTheRun_leavesTheReadyQueueToItsOwner() throws Throwable {
        submitElsewhere("sent");

        assertThat(core.readyCount()).isZero();
        runOnce();
        assertThat(ran).containsExactly("sent");
    }

    @Test
    void submit_otherThreadBetweenTwoRuns_runsInTheOrderOfTheCalls() throws Throwable {
        runOnce();
        core.enqueue(job("first"));
        submitElsewhere("second");
        core.enqueue(job("third"));
        core.submit(job("fourth"));
        core.enqueue(job("fifth"));

        runOnce();

        assertThat(ran).containsExactly("first", "second", "third", "fourth", "fifth");
    }

    @Test
    void submit_afterClose_isRefused() throws Throwable {
        core.close();

        assertThat(core.submit(job("late"))).isFalse();
        assertThat(core.readyCount()).isZero();
    }
}
