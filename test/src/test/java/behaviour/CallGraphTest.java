package behaviour;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.captureCallGraph;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.formatCallGraph;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.gatherOrCancel;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.printCallGraph;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.waitFor;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.FutureCallGraph;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.testing.Spec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@Spec("INTRO-1")
class CallGraphTest {
    /// The future that everything here waits for in the end.
    private static Future<Integer> signal() {
        return getRunningLoop().createFuture();
    }

    private static int innermost(Future<Integer> signal) {
        return await(signal);
    }

    private static Coroutine<Integer> middle(Future<Integer> signal) {
        return async(() -> innermost(signal) + 1);
    }

    private static List<String> methods(FutureCallGraph graph) {
        return graph.callStack().stream().map(CallGraphTest::method).toList();
    }

    /// The method that a frame is in, also if that is a lambda of it.
    private static String method(StackTraceElement frame) {
        String[] parts = frame.getMethodName().split("\\$", -1);
        return parts.length > 1 ? parts[1] : parts[0];
    }

    private static List<String> awaiters(FutureCallGraph graph) {
        return graph.awaitedBy().stream().map(CallGraphTest::name).toList();
    }

    private static String name(FutureCallGraph graph) {
        return graph.future() instanceof Task<?> task ? task.name() : "future";
    }

    /// Lets everybody run until they wait.
    private static void settle() {
        await(sleep(millis(1)));
    }

    private static void finish(Future<Integer> signal) {
        signal.setResult(1);
        await(sleep(millis(1)));
    }

    // Stacks

    @Test
    void capture_suspendedTask_hasTheWholeChainOfItsCoroutinesInnermostFirst() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<?> task = createTask(() -> await(middle(signal)));
            settle();
            FutureCallGraph graph = captureCallGraph(task);
            assertThat(graph.future()).isSameAs(task);
            assertThat(methods(graph)).startsWith("innermost", "middle");
            assertThat(graph.callStack()).hasSizeGreaterThan(2);
            assertThat(graph.awaitedBy()).isEmpty();
            finish(signal);
        });
    }

    @Test
    @Spec("F-IN-2")
    void capture_runningTask_showsLiveFrames() {
        InVirtualTime.run(() -> {
            FutureCallGraph graph = captureCallGraph().orElseThrow();
            assertThat(graph.future()).isSameAs(asyncio.Asyncio.currentTask());
            assertThat(methods(graph)).startsWith("capture_runningTask_showsLiveFrames");
        });
    }

    @Test
    @Spec("F-IN-2")
    void capture_plainFuture_showsOnlyWhoAwaitsIt() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<Integer> a = createTask(() -> innermost(signal), "a");
            Task<Integer> b = createTask(() -> await(a), "b");
            Task<Integer> c = createTask(() -> await(signal), "c");
            signal.addDoneCallback(done -> {});
            settle();
            FutureCallGraph graph = captureCallGraph(signal);
            assertThat(graph.callStack()).isEmpty();
            assertThat(awaiters(graph)).containsExactly("a", "c");
            assertThat(awaiters(graph.awaitedBy().getFirst())).containsExactly("b");
            finish(signal);
            assertThat(captureCallGraph(signal).awaitedBy()).isEmpty();
            assertThat(await(b)).isEqualTo(await(c));
        });
    }

    @Test
    void capture_limit_keepsNearestOrOutermostOrNone() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<Integer> task = createTask(() -> await(middle(signal)), "inner");
            createTask(() -> await(task), "outer").addDoneCallback(done -> {});
            settle();
            List<StackTraceElement> whole = captureCallGraph(task).callStack();
            assertThat(stack(task, 2)).isEqualTo(whole.subList(0, 2));
            assertThat(stack(task, -2)).isEqualTo(whole.subList(whole.size() - 2, whole.size()));
            assertThat(stack(task, 0)).isEmpty();
            assertThat(stack(task, 1_000)).isEqualTo(whole);
            assertThat(stack(task, Integer.MIN_VALUE)).isEqualTo(whole);
            FutureCallGraph none = FutureCallGraph.capture(task, 0, 0);
            assertThat(awaiters(none)).containsExactly("outer");
            assertThat(none.awaitedBy().getFirst().callStack()).isEmpty();
            finish(signal);
        });
    }

    private static List<StackTraceElement> stack(Future<?> future, int limit) {
        return FutureCallGraph.capture(future, 0, limit).callStack();
    }

    private static FutureCallGraph captureInAHelper(int depth) {
        return FutureCallGraph.capture(captureCallGraph().orElseThrow().future(), depth, Integer.MAX_VALUE);
    }

    @Test
    void capture_depth_leavesTheFramesOfTheCapturingHelperOut() {
        InVirtualTime.run(() -> {
            assertThat(methods(captureInAHelper(0)).getFirst()).isEqualTo("captureInAHelper");
            assertThat(methods(captureInAHelper(1)).getFirst()).startsWith("capture_depth");
            assertThat(captureInAHelper(1_000).callStack()).isEmpty();
            Future<Integer> signal = signal();
            Task<Integer> other = createTask(() -> innermost(signal));
            settle();
            assertThat(FutureCallGraph.capture(other, 5, 1).callStack()).hasSize(1); // it is not the one that captures
            finish(signal);
        });
    }

    @Test
    void capture_callbackOrOutside_emptyOrRefused() {
        InVirtualTime.run(() -> {
            Future<Boolean> empty = getRunningLoop().createFuture();
            getRunningLoop().callSoon(() -> empty.setResult(captureCallGraph().isEmpty()));
            assertThat(await(empty)).isTrue();
        });
        assertThatThrownBy(() -> captureCallGraph())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no running event loop");
    }

    @Test
    void capture_otherThread_refused() {
        InVirtualTime.run(() -> {
            Task<?> me = asyncio.Asyncio.currentTask();
            assertThat(me).isNotNull();
            CompletableFuture<Optional<Throwable>> refusal = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    captureCallGraph(me);
                    refusal.complete(Optional.empty());
                } catch (IllegalStateException e) {
                    refusal.complete(Optional.of(e));
                }
            });
            assertThat(await(refusal).orElseThrow()).hasMessageContaining("AS201");
            thread.join();
        });
    }

    @Test
    void capture_negativeDepth_refused() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> FutureCallGraph.capture(signal(), -1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("got -1");
        });
    }

    @Test
    void capture_idleLoop_isAllowed() {
        try (EventLoop loop = EventLoop.create()) {
            Future<Integer> future = loop.createFuture();
            assertThat(captureCallGraph(future).awaitedBy()).isEmpty();
        }
    }

    // Generators

    private static AsyncGenerator<Integer> numbers(Future<Integer> signal) {
        return generator(out -> out.emit(innermost(signal)));
    }

    private static AsyncGenerator<Integer> doubled(Future<Integer> signal) {
        AsyncGenerator<Integer> numbers = numbers(signal);
        return generator(out -> {
            out.emit(await(numbers.anext()).orElseThrow() * 2);
            await(numbers.aclose());
        });
    }

    @Test
    void capture_consumerOfGenerators_showsTheirFramesAboveItsOwn() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<?> consumer = createTask(() -> consume(doubled(signal)), "consumer");
            settle();
            FutureCallGraph graph = captureCallGraph(signal);
            assertThat(awaiters(graph)).containsExactly("consumer");
            assertThat(methods(graph.awaitedBy().getFirst()))
                    .containsSubsequence("innermost", "numbers", "doubled", "consume")
                    .endsWith("capture_consumerOfGenerators_showsTheirFramesAboveItsOwn");
            finish(signal);
            await(consumer);
        });
    }

    private static void consume(AsyncGenerator<Integer> generator) {
        while (await(generator.anext()).isPresent()) {
            assertThat(methods(captureCallGraph().orElseThrow()))
                    .startsWith("consume")
                    .doesNotContain("numbers");
            settle();
        }
    }

    @Test
    void capture_insideAGenerator_showsItsFramesAboveItsConsumers() {
        InVirtualTime.run(() -> {
            AsyncGenerator<List<String>> stacks =
                    generator(out -> out.emit(methods(captureCallGraph().orElseThrow())));
            settle(); // the consumer has suspended before
            List<String> methods = await(stacks.anext()).orElseThrow();
            assertThat(methods).startsWith("capture_insideAGenerator_showsItsFramesAboveItsConsumers");
            assertThat(methods)
                    .hasSizeGreaterThan(
                            methods(captureCallGraph().orElseThrow()).size());
            await(stacks.aclose());
        });
    }

    @Test
    void capture_suspendedBetweenTwoValues_hasNoFrameOfTheGenerator() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            signal.setResult(1);
            Task<?> consumer = createTask(() -> consume(numbers(signal)));
            settleHalf();
            assertThat(methods(captureCallGraph(consumer))).contains("settle").doesNotContain("numbers");
            await(consumer);
        });
    }

    private static void settleHalf() {
        await(sleep(Duration.ofNanos(500_000)));
    }

    // Who awaits

    @Test
    void awaitedBy_groupChild_isTheParentFromItsCreationOn() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            List<Task<?>> children = new ArrayList<>();
            Task<?> parent = createTask(
                    () -> {
                        await(taskGroup(group -> {
                            children.add(group.createTask(() -> innermost(signal)));
                            assertThat(awaiters(captureCallGraph(children.getFirst())))
                                    .containsExactly("parent");
                        }));
                    },
                    "parent");
            settle();
            FutureCallGraph graph = captureCallGraph(children.getFirst());
            assertThat(awaiters(graph)).containsExactly("parent");
            assertThat(graph.awaitedBy().getFirst().callStack()).isNotEmpty();
            finish(signal);
            assertThat(captureCallGraph(children.getFirst()).awaitedBy()).isEmpty();
            await(parent);
        });
    }

    @Test
    void awaitedBy_gather_isItsFutureAndThenItsAwaiter() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<Integer> child = createTask(() -> innermost(signal), "child");
            Task<?> waiter = createTask(() -> await(gather(child, signal)), "waiter");
            Task<?> other = createTask(() -> await(gatherOrCancel(child)), "other");
            settle();
            FutureCallGraph graph = captureCallGraph(child);
            assertThat(awaiters(graph)).containsExactly("future", "future");
            assertThat(awaiters(graph.awaitedBy().get(0))).containsExactly("waiter");
            assertThat(awaiters(graph.awaitedBy().get(1))).containsExactly("other");
            finish(signal);
            await(waiter);
            await(other);
        });
    }

    @Test
    void awaitedBy_waitUntil_isTheTaskThatWaits() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<?> waiter = createTask(
                    () -> await(waitUntil(List.of(signal, sleeping()), ReturnWhen.FIRST_COMPLETED)), "waiter");
            settle();
            assertThat(awaiters(captureCallGraph(signal))).containsExactly("waiter");
            finish(signal);
            await(waiter);
        });
    }

    private static Task<Integer> sleeping() {
        return createTask(sleep(Duration.ofHours(1), 1));
    }

    @Test
    void awaitedBy_waitForWithNoTime_isTheTaskThatWaits() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<Integer> stubborn = createTask(
                    async(() -> {
                        try {
                            return await(sleep(Duration.ofHours(1), 1));
                        } catch (CancelledError e) {
                            return await(signal);
                        }
                    }),
                    "stubborn");
            settle();
            Task<Integer> waiter = createTask(() -> await(waitFor(stubborn, Duration.ZERO)), "waiter");
            settle();
            assertThat(awaiters(captureCallGraph(stubborn))).containsExactly("waiter");
            finish(signal);
            assertThat(await(waiter)).isEqualTo(1);
        });
    }

    @Test
    void awaitedBy_shield_isTheOuterFutureWhileSomebodyCares() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<Integer> inner = createTask(() -> innermost(signal), "inner");
            Task<Integer> caller = createTask(() -> await(shield(inner)), "caller");
            settle();
            FutureCallGraph graph = captureCallGraph(inner);
            assertThat(awaiters(graph)).containsExactly("future");
            assertThat(awaiters(graph.awaitedBy().getFirst())).containsExactly("caller");
            assertThat(graph.format()).contains("* Future(shield of task inner, id=0x");
            caller.cancel();
            settle();
            assertThat(captureCallGraph(inner).awaitedBy()).isEmpty();
            finish(signal);
        });
    }

    @Test
    void awaitedBy_asCompleted_areTheTasksThatWaitForAStep() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            var completed = asCompleted(List.of(signal, sleeping()));
            assertThat(captureCallGraph(signal).awaitedBy()).isEmpty();
            Task<?> a = createTask(() -> completed.futures().iterator().next(), "a");
            Task<?> b = createTask(() -> await(completed.iterator().next()), "b");
            settle();
            assertThat(awaiters(captureCallGraph(signal))).containsExactly("a", "b");
            finish(signal);
            b.cancel();
            InVirtualTime.join(a, b);
        });
    }

    // Shapes

    @Test
    void capture_cycle_endsWhereItBegan() {
        InVirtualTime.run(() -> {
            List<Task<?>> ring = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int next = (i + 1) % 3;
                ring.add(createTask(() -> await(ring.get(next)), "ring-" + i));
            }
            settle();
            FutureCallGraph graph = captureCallGraph(ring.getFirst());
            FutureCallGraph again = graph.awaitedBy()
                    .getFirst()
                    .awaitedBy()
                    .getFirst()
                    .awaitedBy()
                    .getFirst();
            assertThat(again.future()).isSameAs(ring.getFirst());
            assertThat(again.isCycle()).isTrue();
            assertThat(again.awaitedBy()).isEmpty();
            assertThat(graph.isCycle()).isFalse();
            assertThat(graph.format().lines())
                    .last()
                    .asString()
                    .contains("* Task(name='ring-0', id=0x")
                    .endsWith("(cycle: it waits for itself, see above)");
            ring.getFirst().cancel();
            settle();
        });
    }

    @Test
    void capture_manyWaysToOneFuture_looksAtItOnce() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Future<?> level = signal;
            for (int i = 0; i < 40; i++) { // two to the power of 40 ways
                Future<?> below = level;
                level = gather(gather(below), gather(below));
            }
            FutureCallGraph graph = captureCallGraph(signal);
            assertThat(graph.awaitedBy()).hasSize(2);
            assertThat(graph.awaitedBy().get(0).awaitedBy().getFirst())
                    .isSameAs(graph.awaitedBy().get(1).awaitedBy().getFirst());
            assertThat(graph.format().lines().filter(line -> line.endsWith("(see above)")))
                    .hasSizeGreaterThan(20)
                    .hasSizeLessThan(50);
            finish(signal);
            await(level);
        });
    }

    @Test
    void capture_longChain_overflowsNothing() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Future<Integer> last = signal;
            for (int i = 0; i < 3_000; i++) {
                Future<Integer> awaited = last;
                last = createTask(() -> await(awaited));
            }
            settle();
            FutureCallGraph graph = FutureCallGraph.capture(signal, 0, 1);
            int length = 0;
            for (FutureCallGraph each = graph;
                    !each.awaitedBy().isEmpty();
                    each = each.awaitedBy().getFirst()) {
                length++;
            }
            assertThat(length).isEqualTo(3_000);
            assertThat(graph.toString()).endsWith("... (100 levels are shown)");
            assertThat(graph).isNotEqualTo(FutureCallGraph.capture(signal, 0, 1));
            signal.setResult(1);
            assertThat(await(last)).isEqualTo(1);
        });
    }

    // Text

    @Test
    void format_hasTheFormOfAsyncio() {
        InVirtualTime.run(() -> {
            Future<Integer> signal = signal();
            Task<Integer> inner = createTask(() -> innermost(signal), "inner");
            Task<Integer> outer = createTask(() -> await(inner), "outer");
            settle();
            String text = formatCallGraph(signal)
                    .replaceAll("id=0x[0-9a-f]+", "id=0x1")
                    .replaceAll("at .*innermost.*", "at innermost")
                    .replaceAll("at .*lambda.*", "at lambda");
            assertThat(text).startsWith("""
                    * Future(id=0x1)
                      + Awaited by:
                        * Task(name='inner', id=0x1)
                          + Call stack:
                          |   at innermost
                          |   at lambda
                          + Awaited by:
                            * Task(name='outer', id=0x1)
                              + Call stack:
                              |   at lambda""");
            finish(signal);
            await(outer);
        });
    }

    @Test
    void printCallGraph_printsTheRunningTask() {
        InVirtualTime.run(() -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            printCallGraph(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            assertThat(bytes.toString(StandardCharsets.UTF_8))
                    .startsWith("* Task(name='Task-")
                    .contains("  + Call stack:", "|   at ");
            getRunningLoop().callSoon(() -> printCallGraph(System.out)); // nothing to print there
            settle();
        });
    }
}
