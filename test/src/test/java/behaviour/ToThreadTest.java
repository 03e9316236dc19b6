package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.ThreadOptions;
import asyncio.testing.Spec;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ToThreadTest {
    @Test
    @Spec("W-6")
    void toThread_body_runsOnAnotherThreadAndGivesItsResult() {
        InVirtualTime.run(() -> {
            Thread here = Thread.currentThread();
            Thread there = await(toThread(Thread::currentThread));
            assertThat(there).isNotSameAs(here);
        });
    }

    @Test
    @Spec("W-6")
    void toThread_bodyFails_failureComesOutAsItIs() {
        IOException failure = new IOException("disk");
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(toThread(() -> {
                        throw failure;
                    })))
                    .isSameAs(failure);
        });
    }

    @Test
    @Spec({"W-6", "F-W-12"})
    void toThread_contextFollows_runInExecutorItDoesNot() {
        ContextVar<String> variable = ContextVar.withDefault("variable", "default");
        InVirtualTime.run(() -> {
            variable.set("caller's");
            assertThat(await(toThread(() -> {
                        String seen = variable.get();
                        variable.set("the thread's");
                        return seen;
                    })))
                    .isEqualTo("caller's");
            assertThat(await(getRunningLoop().runInExecutor(null, variable::get)))
                    .isEqualTo("default");
            assertThat(variable.get()).as("a copy went there").isEqualTo("caller's");
        });
    }

    @Test
    @Spec({"W-6", "F-W-12"})
    void cancel_returnsAtOnceWhileTheThreadWorksOn_andRunWaitsForIt() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            Future<Integer> begun = loop.createFuture();
            Task<Integer> task = createTask(() -> await(toThread(() -> {
                loop.callSoonThreadsafe(() -> begun.setResult(1));
                release.await();
                ended.set(true);
                return 1;
            })));
            await(begun);
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            assertThat(ended).as("the thread works on").isFalse();
            Task<?> last = createTask(() -> {
                try {
                    await(loop.<Integer>createFuture());
                } finally {
                    release.countDown(); // when the shutdown has begun
                }
            });
            assertThat(last.isDone()).isFalse();
            await(asyncio.Asyncio.sleep(java.time.Duration.ZERO));
        });
        assertThat(ended).as("run() waited for the thread").isTrue();
    }

    @Test
    @Spec("W-6")
    void cancel_interruptible_interruptsTheThread() {
        AtomicBoolean interrupted = new AtomicBoolean();
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            Future<Integer> begun = loop.createFuture();
            Task<Integer> task = createTask(() -> await(toThread(
                    () -> {
                        loop.callSoonThreadsafe(() -> begun.setResult(1));
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                        }
                        return 1;
                    },
                    ThreadOptions.DEFAULT.interruptible(true))));
            await(begun);
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
        assertThat(interrupted).isTrue();
    }
}
