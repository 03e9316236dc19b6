package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.AsyncIterator;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.GeneratorExit;
import asyncio.Task;
import asyncio.Values;
import asyncio.Yielder;
import asyncio.testing.CancelSweep;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@Spec({"AG-1", "CORO-2"})
class GeneratorTest {
    private static final int ORDERS = 200;

    private final List<String> log = new ArrayList<>();

    /// Yields numbers for ever; waits before each and in its clean-up.
    private AsyncGenerator<Integer> naturals() {
        return generator(out -> {
            log.add("begins");
            try {
                for (int number = 0; ; number++) {
                    await(sleep(millis(1)));
                    out.emit(number);
                }
            } finally {
                log.add("cleans up");
                await(sleep(millis(1)));
                log.add("clean");
            }
        });
    }

    // Plain loops

    @Test
    void values_brokenOff_closesWithAwaits() {
        InVirtualTime.run(() -> {
            List<Integer> seen = new ArrayList<>();
            try (Values<Integer> numbers = naturals().values()) {
                for (int number : numbers) {
                    seen.add(number);
                    if (number == 2) {
                        break;
                    }
                }
            }
            log.add("after the loop");
            assertThat(seen).containsExactly(0, 1, 2);
            assertThat(log).containsExactly("begins", "cleans up", "clean", "after the loop");
        });
    }

    @Test
    void values_bodyThrowsACheckedException_closesAndPassesItOn() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> {
                        try (Values<Integer> numbers = naturals().values()) {
                            for (int number : numbers) {
                                throw new IOException("at " + number);
                            }
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("at 0");
            assertThat(log).containsExactly("begins", "cleans up", "clean");
        });
    }

    @Test
    void values_inACancelledTask_runsTheCleanUpToItsEnd() {
        InVirtualTime.run(() -> {
            Task<?> task = createTask(() -> {
                try (Values<Integer> numbers = naturals().values()) {
                    for (int ignored : numbers) {
                        await(sleep(Duration.ofHours(1)));
                    }
                }
            });
            await(sleep(millis(2)));
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("begins", "cleans up", "clean");
        });
    }

    @Test
    void values_secondLoop_goesOnWhereTheFirstWasLeft() {
        InVirtualTime.run(() -> {
            try (Values<Integer> numbers = AsyncIterator.of(List.of(1, 2, 3)).values()) {
                for (int number : numbers) {
                    log.add("first " + number);
                    break;
                }
                for (int number : numbers) {
                    log.add("second " + number);
                }
                Iterator<Integer> iterator = numbers.iterator();
                assertThat(iterator.hasNext()).isFalse();
                assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
            }
            assertThat(log).containsExactly("first 1", "second 2", "second 3");
        });
    }

    @Test
    void values_nextWithoutHasNext_waits() {
        InVirtualTime.run(() -> {
            try (Values<Integer> numbers = naturals().values()) {
                Iterator<Integer> iterator = numbers.iterator();
                assertThat(iterator.next()).isZero();
                assertThat(iterator.hasNext()).isTrue();
                assertThat(iterator.hasNext()).isTrue();
                assertThat(iterator.next()).isEqualTo(1);
            }
        });
    }

    @Test
    void values_closed_haveNoMore() {
        InVirtualTime.run(() -> {
            Values<Integer> numbers = naturals().values();
            assertThat(numbers.iterator().next()).isZero();
            numbers.close();
            numbers.close();
            assertThat(numbers.iterator().hasNext()).isFalse();
        });
    }

    @Test
    void values_generatorOfGenerator_closesFromOutsideIn() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> doubled = generator(out -> {
                try (Values<Integer> numbers = naturals().values()) {
                    for (int number : numbers) {
                        out.emit(2 * number);
                    }
                } finally {
                    log.add("outer clean");
                }
            });
            try (Values<Integer> numbers = doubled.values()) {
                for (int number : numbers) {
                    if (number == 4) {
                        break;
                    }
                }
            }
            assertThat(log).containsExactly("begins", "cleans up", "clean", "outer clean");
        });
    }

    // forEach and toList

    @Test
    void forEach_allValues_inOrderAndClosed() {
        InVirtualTime.run(() -> {
            AtomicReference<String> closed = new AtomicReference<>("open");
            await(AsyncIterator.of(Stream.of(1, 2, 3).onClose(() -> closed.set("closed")))
                    .forEach(number -> {
                        await(sleep(millis(1)));
                        log.add(number + " " + closed.get());
                    }));
            assertThat(log).containsExactly("1 open", "2 open", "3 open");
            assertThat(closed).hasValue("closed");
        });
    }

    @Test
    void forEach_bodyFails_closesFirst() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(naturals().forEach(number -> {
                        throw new IOException("at " + number);
                    })))
                    .isInstanceOf(IOException.class);
            assertThat(log).containsExactly("begins", "cleans up", "clean");
        });
    }

    @Test
    void forEach_bodyAndCloseFail_closeComesOutWithTheBodySuppressed() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> numbers = generator(out -> {
                try {
                    out.emit(1);
                } finally {
                    throwState("closing");
                }
            });
            assertThatThrownBy(() -> await(numbers.forEach(number -> throwState("body"))))
                    .hasMessage("closing")
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .extracting(Throwable::getMessage)
                            .isEqualTo("body"));
        });
    }

    private static void throwState(String message) {
        throw new IllegalStateException(message);
    }

    @Test
    void toList_generator_collectsAll() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> numbers = generator(out -> {
                out.emit(1);
                await(sleep(millis(1)));
                out.emit(2);
            });
            assertThat(await(numbers.toList())).containsExactly(1, 2);
            assertThat(await(numbers.toList())).isEmpty();
        });
    }

    // Plain values

    @Test
    void of_streamNeverRead_isClosedByClose() {
        InVirtualTime.run(() -> {
            AsyncIterator<Integer> numbers = AsyncIterator.of(Stream.of(1).onClose(() -> log.add("closed")));
            await(numbers.aclose());
            await(numbers.aclose());
            assertThat(log).containsExactly("closed");
            assertThat(await(numbers.anext())).isEmpty();
        });
    }

    @Test
    void of_streamThatFails_isClosedAndHasEnded() {
        InVirtualTime.run(() -> {
            Stream<Integer> failing = Stream.of(1, 0).map(number -> 1 / number);
            AsyncIterator<Integer> numbers = AsyncIterator.of(failing.onClose(() -> log.add("closed")));
            assertThat(await(numbers.anext())).contains(1);
            assertThatThrownBy(() -> await(numbers.anext())).isInstanceOf(ArithmeticException.class);
            assertThat(await(numbers.anext())).isEmpty();
            assertThat(log).containsExactly("closed");
        });
    }

    @Test
    void of_valuesThatAreThere_letNobodyElseRun() {
        InVirtualTime.run(() -> {
            Task<?> other = createTask(() -> {
                log.add("other");
            });
            await(AsyncIterator.of(List.of(1, 2)).forEach(number -> log.add("value " + number)));
            log.add("end");
            await(other);
            assertThat(log).containsExactly("value 1", "value 2", "end", "other");
        });
    }

    // Refusals

    @Test
    void anext_whileAnotherTaskAsks_isRefusedAsIsAclose() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> numbers = naturals();
            Task<?> asking = createTask(() -> await(numbers.anext()));
            await(sleep(Duration.ZERO));
            assertThatThrownBy(() -> await(numbers.anext()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("anext(): asynchronous generator is already running")
                    .hasMessageContaining(asking.name());
            assertThatThrownBy(() -> await(numbers.aclose()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("aclose(): asynchronous generator is already running");
            await(asking);
            await(numbers.aclose());
        });
    }

    @Test
    void aclose_fromWithin_isRefused() {
        InVirtualTime.run(() -> {
            List<AsyncGenerator<Integer>> self = new ArrayList<>();
            self.add(generator(out -> {
                assertThatThrownBy(() -> await(self.getFirst().aclose()))
                        .hasMessageContaining("aclose(): asynchronous generator is already running");
                assertThatThrownBy(() -> await(self.getFirst().anext()))
                        .hasMessageContaining("anext(): asynchronous generator is already running");
                out.emit(1);
            }));
            assertThat(await(self.getFirst().toList())).containsExactly(1);
        });
    }

    @Test
    void emit_elsewhere_isRefused() {
        InVirtualTime.run(() -> {
            List<Yielder<Integer>> outs = new ArrayList<>();
            AsyncGenerator<Integer> inner = generator(out -> {
                outs.add(out);
                out.emit(1);
            });
            assertThat(await(inner.anext())).contains(1);
            assertThatThrownBy(() -> outs.getFirst().emit(2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("emit must be called by the generator's own code");
            assertThatThrownBy(() -> await(createTask(() -> outs.getFirst().emit(2))))
                    .hasMessageContaining("emit must be called by the generator's own code");
            AsyncGenerator<Integer> other = generator(out -> outs.getFirst().emit(2));
            assertThatThrownBy(() -> await(other.anext()))
                    .hasMessageContaining("emit must be called by the generator's own code");
            assertThat(await(inner.anext())).isEmpty();
            assertThatThrownBy(() -> outs.getFirst().emit(2)).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void emit_whileItsConsumerWaits_byAnotherTask_isRefused() {
        InVirtualTime.run(() -> {
            List<Yielder<Integer>> outs = new ArrayList<>();
            AsyncGenerator<Integer> numbers = generator(out -> {
                outs.add(out);
                await(sleep(millis(1)));
                out.emit(1);
            });
            Task<List<Integer>> reader = createTask(numbers.toList());
            await(sleep(Duration.ZERO));
            assertThatThrownBy(() -> outs.getFirst().emit(2)).isInstanceOf(IllegalStateException.class);
            assertThat(await(reader)).containsExactly(1);
        });
    }

    @Test
    void anext_onAnotherLoop_isRefused() {
        List<AsyncGenerator<Integer>> kept = new ArrayList<>();
        try (EventLoop home = EventLoop.create(InVirtualTime.loop(new RecordingLogger()))) {
            home.runUntilComplete(async(() -> {
                kept.add(naturals());
                return await(kept.getFirst().anext());
            }));
            InVirtualTime.run(() -> {
                assertThatThrownBy(() -> await(kept.getFirst().anext()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("AS202")
                        .hasMessageContaining(home.name());
                assertThatThrownBy(() -> await(kept.getFirst().aclose())).hasMessageContaining("AS202");
            });
            home.runUntilComplete(kept.getFirst().aclose());
        }
        assertThat(log).containsExactly("begins", "cleans up", "clean");
    }

    @Test
    void hasNext_outsideATask_isRefused() {
        AsyncGenerator<Integer> numbers = naturals();
        assertThatThrownBy(() -> numbers.values().iterator().hasNext())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("await must be called in a task");
        assertThat(numbers).asString().contains("NEW");
    }

    // Closing

    @Test
    void aclose_generatorThatNeverBegan_hasNoValues() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> numbers = naturals();
            await(numbers.aclose());
            assertThat(await(numbers.anext())).isEmpty();
            assertThat(log).isEmpty();
        });
    }

    @Test
    void aclose_generatorThatYieldsOn_isToldSo() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> stubborn = generator(out -> {
                try {
                    out.emit(1);
                } catch (GeneratorExit e) {
                    out.emit(2);
                }
            });
            assertThat(await(stubborn.anext())).contains(1);
            assertThatThrownBy(() -> await(stubborn.aclose()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("async generator ignored GeneratorExit");
            assertThat(await(stubborn.anext())).isEmpty();
        });
    }

    @Test
    void shutdownAsyncgens_several_closesThemConcurrently() {
        InVirtualTime.run(() -> {
            List<AsyncGenerator<Integer>> kept = begun(3);
            Duration before = getRunningLoop().time();
            await(getRunningLoop().shutdownAsyncgens());
            assertThat(getRunningLoop().time().minus(before)).isEqualTo(millis(1));
            assertThat(log).filteredOn("clean"::equals).hasSize(kept.size());
        });
    }

    @Test
    void shutdownAsyncgens_cancelled_leavesNoneOpen() {
        InVirtualTime.run(() -> {
            List<AsyncGenerator<Integer>> kept = begun(3);
            Task<?> shutdown = createTask(() -> {
                await(getRunningLoop().shutdownAsyncgens());
            });
            await(sleep(Duration.ZERO));
            shutdown.cancel();
            assertThatThrownBy(() -> await(shutdown)).isInstanceOf(CancelledError.class);
            assertThat(log).filteredOn("cleans up"::equals).hasSize(3);
            assertThat(kept).allSatisfy(each -> assertThat(each).asString().contains("ENDED"));
        });
    }

    private List<AsyncGenerator<Integer>> begun(int count) {
        List<AsyncGenerator<Integer>> kept = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            AsyncGenerator<Integer> numbers = naturals();
            assertThat(await(numbers.anext())).contains(0);
            kept.add(numbers);
        }
        return kept;
    }

    // Cancellation everywhere

    @Test
    void forEach_cancelledAnywhere_generatorIsAlwaysCleanedUp() {
        sweep(victim -> {
            int[] open = {0};
            Task<?> task = victim.is(createTask(() -> {
                await(bounded(open, 3).forEach(number -> await(sleep(millis(1)))));
                assertThat(open[0]).isZero();
                await(sleep(Duration.ZERO));
            }));
            assertEnded(victim, task, open);
        });
    }

    @Test
    void values_cancelledAnywhere_generatorIsAlwaysCleanedUp() {
        sweep(victim -> {
            int[] open = {0};
            Task<?> task = victim.is(createTask(() -> {
                try (Values<Integer> numbers = bounded(open, 5).values()) {
                    for (int number : numbers) {
                        await(sleep(Duration.ZERO));
                        if (number == 2) {
                            break;
                        }
                    }
                }
                assertThat(open[0]).isZero();
                await(sleep(Duration.ZERO));
            }));
            assertEnded(victim, task, open);
        });
    }

    @Test
    void chain_cancelledAnywhere_everyGeneratorIsCleanedUp() {
        sweep(victim -> {
            int[] open = {0};
            Task<?> task = victim.is(createTask(() -> {
                AsyncGenerator<Integer> outer = generator(out -> {
                    open[0]++;
                    try (Values<Integer> numbers = bounded(open, 3).values()) {
                        for (int number : numbers) {
                            out.emit(number + 1);
                        }
                    } finally {
                        open[0]--;
                    }
                });
                assertThat(await(outer.toList())).containsExactly(1, 2, 3);
                await(sleep(Duration.ZERO));
            }));
            assertEnded(victim, task, open);
        });
    }

    @Test
    void shutdownAsyncgens_cancelledAnywhere_closesEach() {
        sweep(victim -> {
            int[] open = {0};
            List<AsyncGenerator<Integer>> kept = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                AsyncGenerator<Integer> numbers = bounded(open, 3);
                assertThat(await(numbers.anext())).contains(0);
                kept.add(numbers);
            }
            Task<?> task = victim.is(createTask(() -> {
                await(sleep(Duration.ZERO));
                await(getRunningLoop().shutdownAsyncgens());
                assertThat(open[0]).isZero();
            }));
            assertThat(await(asyncio.Asyncio.gatherOutcomes(List.of(task)))).hasSize(1);
            for (AsyncGenerator<Integer> each : kept) {
                await(each.aclose());
            }
            assertThat(open[0]).isZero();
        });
    }

    private static void sweep(CancelSweep.Scenario scenario) {
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }

    /// Counts itself as open from its begin to its end; a clean-up that is cancelled, too, still
    /// counts down.
    private static AsyncGenerator<Integer> bounded(int[] open, int count) {
        return generator(out -> {
            Task<?> reader = currentTask();
            open[0]++;
            try {
                for (int number = 0; number < count; number++) {
                    await(sleep(Duration.ZERO));
                    assertThat(currentTask()).isSameAs(reader);
                    out.emit(number);
                }
            } finally {
                try {
                    await(sleep(millis(1)));
                } finally {
                    open[0]--;
                }
            }
        });
    }

    private static void assertEnded(CancelSweep.Victim victim, Task<?> task, int[] open) {
        assertThat(await(asyncio.Asyncio.gatherOutcomes(List.of(task)))).hasSize(1);
        assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
        assertThat(open[0]).as("generators that are open").isZero();
    }
}
