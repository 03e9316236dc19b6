package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a task does to its thread ends with the task.
class ThreadStateTest {
    private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();
    private static final ThreadLocal<String> LOCAL = ThreadLocal.withInitial(() -> "initial");
    private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

    @Test
    void task_afterOneThatDirtiedItsThread_findsItClean() {
        run(() -> {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            List<Thread> threads = new ArrayList<>();
            Task<?> dirty = createTask(() -> {
                threads.add(Thread.currentThread());
                dirty();
            });
            Task<?> clean = createTask(() -> {
                threads.add(Thread.currentThread());
                assertClean(loader);
            });
            await(dirty);
            await(clean);
            assertReuse(threads);
        });
    }

    @Test
    void task_afterOneThatFailed_findsItsThreadClean() {
        run(() -> {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            List<Thread> threads = new ArrayList<>();
            Task<?> failing = createTask(() -> {
                threads.add(Thread.currentThread());
                dirty();
                throw new IllegalArgumentException("subject");
            });
            Task<?> clean = createTask(() -> {
                threads.add(Thread.currentThread());
                assertClean(loader);
            });
            assertThatThrownBy(() -> await(failing)).isInstanceOf(IllegalArgumentException.class);
            await(clean);
            assertReuse(threads);
        });
    }

    private static void dirty() {
        Thread self = Thread.currentThread();
        LOCAL.set("dirty");
        INHERITABLE.set("dirty");
        self.setContextClassLoader(null);
        self.setUncaughtExceptionHandler((thread, thrown) -> {});
        self.setName("dirty");
        self.interrupt();
    }

    private static void assertClean(@Nullable ClassLoader loader) {
        Thread self = Thread.currentThread();
        assertThat(LOCAL.get()).isEqualTo("initial");
        assertThat(INHERITABLE.get()).isNull();
        assertThat(self.getContextClassLoader()).isSameAs(loader);
        assertThat(self.getUncaughtExceptionHandler()).isSameAs(self.getThreadGroup());
        assertThat(self.getName()).isEmpty();
        assertThat(self.isInterrupted()).isFalse();
    }

    /// The fast engine runs one task after the other on a thread; the baton never does.
    private static void assertReuse(List<Thread> threads) {
        assertThat(threads).hasSize(2);
        assertThat(threads.get(0) == threads.get(1)).isEqualTo(Threads.isFast());
    }

    @Test
    void threadState_acrossAwaits_staysTheTasks() {
        run(() -> {
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String mine = "task " + i;
                tasks.add(createTask(() -> {
                    Thread self = Thread.currentThread();
                    LOCAL.set(mine);
                    self.setName(mine);
                    if (mine.endsWith("3")) {
                        self.interrupt();
                    }
                    for (int turn = 0; turn < 20; turn++) {
                        await(sleep(Duration.ZERO));
                        assertThat(Thread.currentThread()).isSameAs(self);
                        assertThat(LOCAL.get()).isEqualTo(mine);
                        assertThat(self.getName()).isEqualTo(mine);
                        assertThat(self.isInterrupted()).isEqualTo(mine.endsWith("3"));
                    }
                }));
            }
            for (Task<?> task : tasks) {
                await(task);
            }
        });
    }

    @Test
    void scopedValue_boundAroundAwaits_isTheTasksOwn() {
        run(() -> {
            List<Task<String>> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String mine = "task " + i;
                tasks.add(createTask(() -> {
                    assertThat(SCOPED.isBound()).isFalse();
                    return ScopedValue.where(SCOPED, mine).call(() -> {
                        for (int turn = 0; turn < 20; turn++) {
                            await(sleep(Duration.ZERO));
                            assertThat(SCOPED.get()).isEqualTo(mine);
                        }
                        boolean bound = await(createTask(() -> SCOPED.isBound()));
                        assertThat(bound).isFalse();
                        return SCOPED.get();
                    });
                }));
            }
            for (int i = 0; i < tasks.size(); i++) {
                assertThat(await(tasks.get(i))).isEqualTo("task " + i);
            }
        });
    }

    @Test
    void scopedValue_boundOutsideTheLoop_isNotSeenInside() {
        ScopedValue.where(SCOPED, "outside")
                .run(() -> run(() -> assertThat(SCOPED.isBound()).isFalse()));
    }

    @Test
    void structuredScope_leftOpen_endsWithTheTasksThread() {
        run(() -> {
            List<Thread> threads = new ArrayList<>();
            Task<Object> leaving = createTask(() -> {
                threads.add(Thread.currentThread());
                return openScope();
            });
            Task<?> next = createTask(() -> {
                threads.add(Thread.currentThread());
                close(openScope()); // fails if another scope encloses it that is not this task's
            });
            await(next);
            assertThat(await(leaving)).isNotNull();
            assertThat(threads.get(0)).isNotSameAs(threads.get(1));
            Threads.parkUntil(() -> !threads.get(0).isAlive(), "the thread with the open scope to end");
        });
    }

    // The class is a preview API, which the compiler refuses; the JVM does not.
    private static Object openScope() throws Exception {
        Method open = Class.forName("java.util.concurrent.StructuredTaskScope").getMethod("open");
        return open.invoke(null);
    }

    private static void close(Object scope) throws Exception {
        Class<?> type = Class.forName("java.util.concurrent.StructuredTaskScope");
        type.getMethod("join").invoke(scope);
        type.getMethod("close").invoke(scope);
    }
}
