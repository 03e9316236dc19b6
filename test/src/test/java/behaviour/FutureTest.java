package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.ensureFuture;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.InvalidStateException;
import asyncio.Task;
import asyncio.testing.Spec;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Futures and their callbacks.
class FutureTest extends LoopFixture {
    @Test
    @Spec("FUT-1")
    void pending_resultAndException_invalidState() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();

            assertThatThrownBy(future::result)
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining("not done");
            assertThatThrownBy(future::exception).isInstanceOf(InvalidStateException.class);
            assertThat(future).hasToString("<Future future pending>");
        }
    }

    @Test
    @Spec("FUT-1")
    void finished_resultIsThereAndCompletingAgainIsRefused() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            future.setResult("value");

            assertThat(future.isDone()).isTrue();
            assertThat(future.isCancelled()).isFalse();
            assertThat(future.result()).isEqualTo("value");
            assertThat(future.exception()).isNull();
            assertThatThrownBy(() -> future.setResult("again")).isInstanceOf(InvalidStateException.class);
            assertThatThrownBy(() -> future.setException(new IOException("late")))
                    .isInstanceOf(InvalidStateException.class);
            assertThat(future.cancel()).isFalse();
            assertThat(future.result()).isEqualTo("value");
        }
    }

    @Test
    @Spec("FUT-1")
    void failed_sameExceptionEachTime() {
        IOException failure = new IOException("broken");
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            future.setException(failure);

            assertThatThrownBy(future::result).isSameAs(failure);
            assertThatThrownBy(future::result).isSameAs(failure);
            assertThat(future.exception()).isSameAs(failure);
            assertThatThrownBy(() -> future.setResult("late")).isInstanceOf(InvalidStateException.class);
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec({"FUT-1", "FUT-3"})
    void cancelled_cancelledErrorWithTheMessage() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            assertThat(future.cancel("not needed")).isTrue();

            assertThat(future.cancel("again")).isFalse();
            assertThat(future.isCancelled()).isTrue();
            assertThatThrownBy(future::result)
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("not needed");
            assertThatThrownBy(future::exception)
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("not needed");
            assertThatThrownBy(() -> future.setResult("late")).isInstanceOf(InvalidStateException.class);

            Future<String> silent = loop.createFuture();
            silent.cancel();
            assertThatThrownBy(silent::result)
                    .isInstanceOf(CancelledError.class)
                    .hasMessage(null);
        }
    }

    @Test
    @Spec("FUT-3")
    void cancelledTask_firstErrorIsTheOneThatLeftTheBody_laterOnesAreNew() {
        CancelledError[] left = new CancelledError[1];
        try (EventLoop loop = newLoop()) {
            Task<@Nullable Void> task = loop.createTask(async(() -> {
                left[0] = new CancelledError("by the body");
                throw left[0];
            }));
            runOnce(loop);

            assertThatThrownBy(task::result).isSameAs(left[0]);
            assertThatThrownBy(task::result).isNotSameAs(left[0]).hasMessage("by the body");
        }
    }

    @Test
    @Spec({"FUT-2", "F-SCHED-5"})
    void addDoneCallback_alwaysLaterAndInOrder() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            future.addDoneCallback(done -> note("first " + done.result()));
            future.addDoneCallback(done -> note("second"));
            future.setResult("value");
            future.addDoneCallback(done -> note("third"));
            assertThat(notes).isEmpty();

            runOnce(loop);
        }

        assertThat(notes).containsExactly("first value", "second", "third");
    }

    @Test
    @Spec("FUT-2")
    void addDoneCallback_oneFails_theOthersRunAndTheHandlerIsTold() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            future.addDoneCallback(done -> note("first"));
            future.addDoneCallback(done -> {
                throw new IllegalStateException("broken");
            });
            future.addDoneCallback(done -> note("third"));
            future.setResult("value");
            runOnce(loop);
        }

        assertThat(notes).containsExactly("first", "third");
        assertThat(logger.messagesWith("Exception in callback")).hasSize(1);
    }

    @Test
    @Spec({"FUT-2", "F-SCHED-6"})
    void removeDoneCallback_removesEveryEqualOneAndCountsThem() {
        Consumer<Future<String>> twice = done -> note("twice");
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            future.addDoneCallback(twice);
            assertThat(future.removeDoneCallback(twice)).isEqualTo(1);
            future.addDoneCallback(twice);
            future.addDoneCallback(done -> note("stays"));
            future.addDoneCallback(twice);

            assertThat(future.removeDoneCallback(done -> note("unknown"))).isZero();
            assertThat(future.removeDoneCallback(twice)).isEqualTo(2);
            assertThat(future.removeDoneCallback(twice)).isZero();
            future.setResult("value");
            runOnce(loop);
        }

        assertThat(notes).containsExactly("stays");
    }

    @Test
    @Spec({"FUT-2", "F-SCHED-6"})
    void removeDoneCallback_duringTheCalls_doesNotDisturbThem() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            Consumer<Future<String>> last = done -> note("last");
            future.addDoneCallback(done -> note("removed " + done.removeDoneCallback(last)));
            future.addDoneCallback(last);
            future.setResult("value");
            runOnce(loop);
        }

        assertThat(notes).containsExactly("removed 0", "last");
    }

    @Test
    @Spec({"FUT-2", "FUT-3"})
    void await_cancelledWaiter_cancelsTheFutureAndEveryOtherWaiterGetsIt() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<String> first = createTask(() -> await(future));
            Task<String> second = createTask(() -> await(future));
            turn();
            first.cancel("stop");
            assertThatThrownBy(() -> await(second))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("stop");

            assertThat(future.isCancelled()).isTrue();
            assertThat(first.isCancelled()).isTrue();
            assertThat(second.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec("FUT-5")
    void await_futureOfAnotherLoop_refusedAndTheTaskGoesOn() {
        try (EventLoop other = newLoop()) {
            Future<String> foreign = other.createFuture();
            runMain(() -> {
                assertThatThrownBy(() -> await(foreign))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("attached to a different loop")
                        .hasMessageContaining("AS202");
                assertThatThrownBy(() -> ensureFuture(foreign))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("AS202");
                turn();
                note("went on");
            });
            assertThat(foreign.isDone()).isFalse();
        }
        assertThat(notes).containsExactly("went on");
    }

    @Test
    @Spec({"FUT-5", "TASK-10"})
    void ensureFuture_coroutineOrFuture_taskOrItself() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            assertThat(ensureFuture(future)).isSameAs(future);
            Coroutine<String> coroutine = async(() -> "value");
            Future<String> task = ensureFuture(coroutine);
            assertThat(task).isInstanceOf(Task.class);
            assertThat(await(task)).isEqualTo("value");
            future.cancel();
        });
    }

    @Test
    @Spec("FUT-5")
    void await_itself_refused() {
        runMain(() -> {
            Task<?>[] self = new Task<?>[1];
            Task<@Nullable Void> task = createTask(() -> {
                await(self[0]);
            });
            self[0] = task;
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Task cannot await on itself");
        });
    }

    @Test
    @Spec("EXC-1")
    void errors_whatTheyAre() {
        assertThat(new CancelledError("x")).isInstanceOf(Error.class).isNotInstanceOf(Exception.class);
        assertThat(new asyncio.TimeoutException("late", null)).isInstanceOf(RuntimeException.class);
        assertThat(InvalidStateException.class).isAssignableTo(IllegalStateException.class);
    }

    @Test
    @Spec("EXC-1")
    void cancelledError_catchException_doesNotSwallowIt() {
        runMain(() -> {
            Task<String> task = createTask(() -> {
                try {
                    return await(getRunningLoop().<String>createFuture());
                } catch (Exception e) {
                    return "swallowed";
                }
            });
            turn();
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
    }
}
