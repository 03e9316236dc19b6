package asyncio.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ThreadInternalsTest {
    private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();

    @Test
    void obstacle_namesTheFlagExactlyWhereItIsMissing() {
        boolean fast = "fast".equals(System.getProperty("asyncio.engine"));
        assertThat(ThreadInternals.obstacle().isEmpty()).isEqualTo(fast);
        assertThat(FiberEngine.obstacle()).isEqualTo(ThreadInternals.obstacle());
        if (!fast) {
            String module = ThreadInternals.class.getModule().isNamed() ? "asyncio" : "ALL-UNNAMED";
            assertThat(ThreadInternals.obstacle()).contains("--add-opens=java.base/java.lang=" + module);
            assertThatThrownBy(() -> FiberEngine.create(EngineKind.FAST, new JobQueue()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(ThreadInternals.obstacle());
            assertThat(FiberEngine.create(EngineKind.AUTO, new JobQueue()).kind())
                    .isEqualTo(EngineKind.BATON);
        }
    }

    @Test
    void reset_ofADirtyThread_makesItLookNew() throws Exception {
        if (!ThreadInternals.obstacle().isEmpty()) {
            return; // the test above shows that nothing here is in use then
        }
        boolean[] reset = new boolean[1];
        Object[] left = new Object[4];
        ClassLoader loader = ClassLoader.getPlatformClassLoader();
        Thread thread = ThreadInternals.newVirtualThread(ThreadInternals.defaultScheduler(), () -> {
            Thread self = Thread.currentThread();
            LOCAL.set("dirty");
            self.setName("dirty");
            self.interrupt();
            reset[0] = ThreadInternals.reset(self, loader);
            left[0] = LOCAL.get();
            left[1] = self.getName();
            left[2] = self.isInterrupted();
            left[3] = self.getContextClassLoader();
        });
        assertThat(ThreadInternals.schedulerOf(thread)).isSameAs(ThreadInternals.defaultScheduler());
        thread.start();
        thread.join();
        assertThat(reset[0]).isTrue();
        assertThat(left).containsExactly(null, "", false, loader);
    }
}
