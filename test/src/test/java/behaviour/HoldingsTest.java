package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.CapacityLimiter;
import asyncio.VoidBody;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Condition;
import asyncio.sync.Lock;
import asyncio.sync.Semaphore;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// AS112: who releases what another task holds, and who ends without releasing; in debug mode.
class HoldingsTest {
    private final RecordingLogger logger = new RecordingLogger();

    private List<String> findingsOf(VoidBody body, boolean debug) {
        Asyncio.run(async(body), InVirtualTime.debugOptions(logger, debug));
        assertThat(InVirtualTime.findings(logger))
                .allMatch(entry -> entry.message().startsWith("AS112"));
        return logger.messagesWith("AS112");
    }

    private List<String> findingsOf(VoidBody body) {
        return findingsOf(body, true);
    }

    private static void endsWith(VoidBody taking) {
        await(createTask(async(taking), "taker"));
    }

    @Test
    void lock_releasedByAnotherTask_isReportedWithBothTasks() {
        List<String> findings = findingsOf(() -> {
            Lock lock = new Lock();
            await(lock.acquire());
            await(createTask(async(lock::release), "stranger"));
            assertThat(lock.isLocked()).isFalse();
        });

        assertThat(findings)
                .singleElement()
                .asString()
                .matches("(?s)AS112 lock or permit held by the wrong task:"
                        + " <Lock unlocked> was released by task stranger, but task Task-\\d+ holds it, acquired at"
                        + " HoldingsTest.java:\\d+; release it in the task that acquired it\\R    at .*");
    }

    @Test
    void lock_releasedByACallback_isReported() {
        List<String> findings = findingsOf(() -> {
            Lock lock = new Lock();
            await(lock.acquire());
            getRunningLoop().callSoon(lock::release);
            await(sleep(Duration.ZERO));
        });

        assertThat(findings).singleElement().asString().contains("was released by code outside a task");
    }

    @Test
    void lock_taskEndsWithIt_isReportedOnce() {
        List<String> findings = findingsOf(() -> {
            Lock lock = new Lock();
            endsWith(() -> await(lock.acquire()));
            lock.release(); // was reported already
        });

        assertThat(findings)
                .singleElement()
                .asString()
                .matches("(?s)AS112 .*: task taker ended while it holds"
                        + " <Lock locked>, acquired at HoldingsTest.java:\\d+; release it in a finally block, .*");
    }

    @Test
    void permitAndToken_taskEndsWithThem_areReported() {
        List<String> findings = findingsOf(() -> {
            Semaphore semaphore = new Semaphore(2);
            BoundedSemaphore bounded = new BoundedSemaphore(1);
            CapacityLimiter limiter = new CapacityLimiter(1);
            endsWith(() -> {
                await(semaphore.acquire());
                await(bounded.acquire());
                await(limiter.acquire());
            });
        });

        assertThat(findings).hasSize(3);
        assertThat(findings.get(0)).contains("ended while it holds <Semaphore unlocked, value:1>");
        assertThat(findings.get(1)).contains("ended while it holds <BoundedSemaphore locked>");
        assertThat(findings.get(2)).contains("ended while it holds <CapacityLimiter borrowed=1 total=1>");
    }

    @Test
    void released_onEveryPath_isNotReported() {
        assertThat(findingsOf(() -> {
                    Lock lock = new Lock();
                    Semaphore semaphore = new Semaphore(2);
                    CapacityLimiter limiter = new CapacityLimiter(1);
                    Condition condition = new Condition();
                    for (int i = 0; i < 3; i++) {
                        await(createTask(() -> {
                            await(lock.acquire());
                            await(semaphore.acquire());
                            await(semaphore.acquire());
                            await(limiter.acquire());
                            await(condition.acquire());
                            condition.release();
                            limiter.release();
                            semaphore.release();
                            semaphore.release();
                            lock.release();
                        }));
                    }
                }))
                .isEmpty();
    }

    @Test
    void permit_handedOverBeforeTheTakerEnds_isNotReported() {
        assertThat(findingsOf(() -> {
                    Semaphore semaphore = new Semaphore(1);
                    endsWith(() -> {
                        await(semaphore.acquire());
                        await(createTask(semaphore::release));
                    });
                }))
                .isEmpty();
    }

    @Test
    void semaphore_thatBeganWithNoPermit_isASignal() {
        assertThat(findingsOf(() -> {
                    Semaphore signal = new Semaphore(0);
                    signal.release();
                    endsWith(() -> await(signal.acquire()));
                }))
                .isEmpty();
    }

    @Test
    void token_ofAnotherBorrower_belongsToNoTask() {
        assertThat(findingsOf(() -> {
                    CapacityLimiter limiter = new CapacityLimiter(1);
                    endsWith(() -> await(limiter.acquireFor("a connection")));
                    limiter.releaseFor("a connection");
                }))
                .isEmpty();
    }

    @Test
    void withoutDebugMode_nothingIsReported() {
        assertThat(findingsOf(
                        () -> {
                            Lock lock = new Lock();
                            endsWith(() -> await(lock.acquire()));
                            lock.release();
                            await(lock.acquire());
                            await(createTask(lock::release));
                        },
                        false))
                .isEmpty();
    }

    @Test
    void setDebug_offAndOnAgain_forgetsWhatWasHeld() {
        assertThat(findingsOf(() -> {
                    Semaphore semaphore = new Semaphore(1);
                    endsWith(() -> {
                        await(semaphore.acquire());
                        getRunningLoop().setDebug(false);
                        semaphore.release();
                        getRunningLoop().setDebug(true);
                    });
                }))
                .isEmpty();
    }
}
