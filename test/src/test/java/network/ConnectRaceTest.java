package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Body;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.net.StaggeredRace;
import asyncio.testing.CancelSweep;
import asyncio.testing.Spec;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Happy Eyeballs with attempts that are made up, in virtual time.
@Spec("IO-3")
class ConnectRaceTest {
    private static final Duration DELAY = Duration.ofMillis(250);
    private static final int ORDERS = 200;

    private final List<String> log = new ArrayList<>();
    private int open; // successes that nobody has disposed of
    private int running;

    private static Duration millis(long count) {
        return Duration.ofMillis(count);
    }

    /// Succeeds after a time.
    private Body<String> success(String name, long afterMillis) {
        return () -> {
            begin(name);
            try {
                await(sleep(millis(afterMillis)));
                open++;
                return name;
            } finally {
                running--;
            }
        };
    }

    /// Fails after a time.
    private Body<String> failure(String name, long afterMillis) {
        return () -> {
            begin(name);
            try {
                await(sleep(millis(afterMillis)));
                throw new ConnectException(name);
            } finally {
                running--;
            }
        };
    }

    private void begin(String name) {
        running++;
        log.add(name + " at " + getRunningLoop().time().toMillis());
    }

    private StaggeredRace<String> race(Duration delay, List<Body<String>> attempts) {
        return new StaggeredRace<>(attempts, delay, late -> open--);
    }

    private Optional<String> runRace(Duration delay, List<Body<String>> attempts) {
        return run(() -> await(race(delay, attempts).run()), Streams.inVirtualTime());
    }

    @Test
    void run_firstIsQuick_othersNeverBegin() {
        assertThat(runRace(DELAY, List.of(success("a", 249), success("b", 0)))).contains("a");
        assertThat(log).containsExactly("a at 0");
        assertThat(open).isEqualTo(1);
    }

    @Test
    void run_firstIsSlow_winnerCancelsTheRest() {
        assertThat(runRace(DELAY, List.of(success("a", 5000), success("b", 100), success("c", 1))))
                .contains("b");
        assertThat(log).containsExactly("a at 0", "b at 250");
        assertThat(open).isEqualTo(1);
        assertThat(running).isZero();
    }

    @Test
    void run_attemptFails_nextBeginsAtOnce() {
        assertThat(runRace(DELAY, List.of(failure("a", 10), success("b", 5000), failure("c", 20), success("d", 30))))
                .contains("d");
        assertThat(log).containsExactly("a at 0", "b at 10", "c at 260", "d at 280");
    }

    @Test
    void run_olderAttemptFails_nextBeginsAtOnce() {
        assertThat(runRace(DELAY, List.of(failure("a", 300), success("b", 5000), success("c", 1))))
                .contains("c");
        assertThat(log).containsExactly("a at 0", "b at 250", "c at 300");
    }

    @Test
    void run_withoutDelay_nextBeginsAfterAFailureOnly() {
        assertThat(runRace(Duration.ZERO, List.of(failure("a", 4000), success("b", 4000), success("c", 1))))
                .contains("b");
        assertThat(log).containsExactly("a at 0", "b at 4000");
    }

    @Test
    void run_allFail_errorsAreInTheOrderOfTheAttempts() {
        List<String> messages = run(
                () -> {
                    StaggeredRace<String> race =
                            race(DELAY, List.of(failure("a", 900), failure("b", 100), failure("c", 0)));
                    assertThat(await(race.run())).isEmpty();
                    return race.errors().stream().map(Throwable::getMessage).toList();
                },
                Streams.inVirtualTime());

        assertThat(messages).containsExactly("a", "b", "c");
        assertThat(running).isZero();
    }

    @Test
    void run_twoSucceedAtTheSameTime_oneIsDiscarded() {
        assertThat(runRace(DELAY, List.of(success("a", 500), success("b", 250))))
                .isPresent();
        assertThat(open).isEqualTo(1);
    }

    @Test
    void run_noAttempts_nobodyWins() {
        assertThat(runRace(DELAY, List.of())).isEmpty();
    }

    @Test
    void run_errorOfAnAttempt_comesOutAndEndsTheOthers() {
        Body<String> broken = () -> {
            throw new AssertionError("broken");
        };

        assertThatThrownBy(() -> runRace(DELAY, List.of(success("a", 5000), broken)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("broken");
        assertThat(running).isZero();
    }

    @Test
    void run_again_isRefused() {
        run(
                () -> {
                    StaggeredRace<String> race = race(DELAY, List.of(success("a", 1)));
                    await(race.run());
                    assertThatThrownBy(() -> await(race.run()))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("make a new one");
                },
                Streams.inVirtualTime());
    }

    @Test
    void create_negativeDelay_isRefused() {
        assertThatThrownBy(() -> race(Duration.ofMillis(-1), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("delay must not be negative");
    }

    @Test
    void run_cancelledAnywhere_leavesNothingOpen() {
        CancelSweep.Scenario scenario = victim -> {
            open = 0;
            running = 0;
            log.clear();
            Task<?> task = victim.is(createTask(() -> {
                StaggeredRace<String> race =
                        race(millis(2), List.of(failure("a", 1), success("b", 3), success("c", 1)));
                Optional<String> winner = await(race.run());
                assertThat(winner).isPresent();
                open--; // it is ours
                await(sleep(Duration.ZERO)); // where a late cancellation arrives
            }));
            await(asyncio.Asyncio.waitUntil(List.of(future(task)), ReturnWhen.ALL_COMPLETED));
            assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
            assertThat(running).isZero();
            assertThat(open).as("open successes").isZero();
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static asyncio.Future<Object> future(Task<?> task) {
        return (asyncio.Future<Object>) task;
    }
}
