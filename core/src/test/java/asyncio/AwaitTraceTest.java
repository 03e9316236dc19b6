package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AwaitTraceTest {
    private static long seams(Throwable failure) {
        return Arrays.stream(failure.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("-- task "))
                .count();
    }

    private static void failThroughTasks(int tasks, RuntimeException failure) {
        if (tasks == 0) {
            throw failure;
        }
        Asyncio.await(Asyncio.createTask(Asyncio.async(() -> failThroughTasks(tasks - 1, failure)), "t" + tasks));
    }

    @Test
    void extend_throughTwoTasks_namesBothWays() {
        RuntimeException failure = new IllegalStateException("boom");

        Throwable thrown = catchThrowable(() -> Asyncio.run(() -> failThroughTasks(2, failure)));

        assertThat(thrown).isSameAs(failure);
        assertThat(Arrays.stream(failure.getStackTrace())
                        .map(StackTraceElement::getClassName)
                        .filter(name -> name.startsWith("-- task "))
                        .map(name -> name.replaceAll("Task-\\d+", "Task-N")))
                .containsExactly(
                        "-- task \"t1\", awaited by task \"t2\" at", "-- task \"t2\", awaited by task \"Task-N\" at");
    }

    @Test
    void extend_emptyTrace_staysEmpty() {
        RuntimeException failure = new IllegalStateException("boom");
        failure.setStackTrace(new StackTraceElement[0]);

        assertThatThrownBy(() -> Asyncio.run(() -> failThroughTasks(2, failure)))
                .isSameAs(failure);
        assertThat(failure.getStackTrace()).isEmpty();
    }

    @Test
    void extend_veryManyTasks_isBounded() {
        RuntimeException failure = new IllegalStateException("boom");
        StackTraceElement frame = new StackTraceElement("a.B", "c", "B.java", 7);
        StackTraceElement[] full = new StackTraceElement[513];
        Arrays.fill(full, frame);
        failure.setStackTrace(full);

        assertThatThrownBy(() -> Asyncio.run(() -> failThroughTasks(2, failure)))
                .isSameAs(failure);
        assertThat(seams(failure)).isZero();
        assertThat(failure.getStackTrace()).hasSize(513);
    }

    @Test
    void userFrames_mixedStack_dropsLibraryAndJdk() {
        StackTraceElement user = new StackTraceElement("com.example.Main", "main", "Main.java", 1);
        StackTraceElement library = new StackTraceElement("asyncio.Task", "runBody", "Task.java", 1);
        StackTraceElement jdk = new StackTraceElement("java.lang.VirtualThread", "run", "VirtualThread.java", 1);

        assertThat(AwaitTrace.userFrames(new StackTraceElement[] {library, user, jdk}))
                .containsExactly(user);
        assertThat(AwaitTrace.userFrames(null)).isEmpty();
    }
}
