package asyncio.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What both engines promise of a fiber; the build says on which one this runs.
class FiberTest {
    private final JobQueue jobs = new JobQueue();
    private final FiberEngine engine =
            FiberEngine.create(EngineKind.of(System.getProperty("asyncio.engine", "auto")), jobs);
    private final List<String> seen = new ArrayList<>();

    private void run() {
        engine.enter();
        try {
            engine.run();
        } finally {
            engine.exit();
        }
        assertThat(jobs.crashes).isEmpty();
    }

    @Test
    void kind_isThatOfTheProperty() {
        assertThat(engine.kind()).hasToString(System.getProperty("asyncio.engine"));
    }

    @Test
    void current_onAnOrdinaryThread_isNull() throws Exception {
        assertThat(Fiber.current()).isNull();
        Thread virtual = Thread.startVirtualThread(() -> seen.add("fiber " + Fiber.current()));
        virtual.join();
        assertThat(seen).containsExactly("fiber null");
    }

    @Test
    void current_inAJob_isTheFiberThatTheEngineRuns() {
        Job[] job = new Job[1];
        job[0] = jobs.add(() -> {
            Fiber fiber = Fiber.current();
            assertThat(fiber).isNotNull().isSameAs(engine.running());
            assertThat(fiber.thread()).isSameAs(Thread.currentThread());
            assertThat(fiber.engine()).isSameAs(engine);
            assertThat(fiber.owner()).isSameAs(job[0]);
            assertThat(engine.isRunningOn(Thread.currentThread())).isTrue();
            seen.add("ran");
        });
        run();
        assertThat(seen).containsExactly("ran");
        assertThat(engine.running()).isNull();
        assertThat(engine.loopThread()).isNull();
        assertThat(engine.isRunningOn(Thread.currentThread())).isFalse();
    }

    @Test
    void suspend_inTwoJobs_alternates() {
        for (String name : List.of("a", "b")) {
            jobs.add(() -> {
                for (int i = 0; i < 3; i++) {
                    seen.add(name + i);
                    jobs.yieldTurn();
                }
            });
        }
        run();
        assertThat(seen).containsExactly("a0", "b0", "a1", "b1", "a2", "b2");
    }

    @Test
    void bareJob_onWhicheverStack_isNobodysStep() {
        jobs.add(() -> {
            jobs.yieldTurn();
            seen.add("job");
        });
        jobs.addBare(() -> {
            Fiber fiber = Fiber.current();
            seen.add("owner " + (fiber == null ? null : fiber.owner()));
        });
        run();
        assertThat(seen).containsExactly("owner null", "job");
    }

    @Test
    void suspension_thatNamesASuccessor_runsItBeforeTheQueue() {
        jobs.add(() -> {
            Fiber creator = Fiber.current();
            assertThat(creator).isNotNull();
            seen.add("creator");
            jobs.add(() -> seen.add("queued"));
            Job eager = new Job() {
                @Override
                protected void run() {
                    seen.add("eager");
                    jobs.yieldTurn();
                    seen.add("eager again");
                }
            };
            creator.suspend(() -> {
                Fiber fresh = engine.fresh(eager);
                fresh.returnTo(creator);
                return fresh;
            });
            seen.add("creator again");
        });
        run();
        assertThat(seen).containsExactly("creator", "eager", "creator again", "queued", "eager again");
    }

    @Test
    void end_ofASuspendedFiber_throwsAtItsSuspension() {
        Fiber[] fiber = new Fiber[1];
        jobs.add(() -> suspendForEver(fiber));
        run();
        assertThat(seen).isEmpty();

        fiber[0].end();

        assertThat(seen).containsExactly("unwound", "refused again");
        assertThat(jobs.crashes).isEmpty();
    }

    private void suspendForEver(Fiber[] out) {
        Fiber mine = Fiber.current();
        assertThat(mine).isNotNull();
        out[0] = mine;
        try {
            mine.suspend(() -> null);
        } catch (FiberExit e) {
            seen.add("unwound");
        }
        assertThatThrownBy(() -> mine.suspend(() -> null)).isInstanceOf(FiberExit.class);
        seen.add("refused again");
    }

    @Test
    void job_thatThrows_crashesTheSource() {
        IllegalStateException failure = new IllegalStateException("subject");
        jobs.add(() -> {
            throw failure;
        });
        jobs.add(() -> seen.add("next"));
        engine.enter();
        engine.run();
        engine.exit();
        assertThat(jobs.crashes).containsExactly(failure);
        assertThat(seen).containsExactly("next"); // the source decides whether there is a next one
    }

    @Test
    void create_onAVirtualThread_isBatonOrRefused() throws Exception {
        Thread virtual = Thread.startVirtualThread(() -> {
            seen.add(FiberEngine.create(EngineKind.AUTO, jobs).kind().toString());
            try {
                FiberEngine.create(EngineKind.FAST, jobs);
            } catch (IllegalStateException e) {
                seen.add(String.valueOf(e.getMessage()));
            }
        });
        virtual.join();
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0)).isEqualTo("baton");
        assertThat(seen.get(1)).contains("virtual thread").contains("platform thread");
    }
}
