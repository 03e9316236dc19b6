package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.Gather;
import asyncio.Task;
import asyncio.testing.Spec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@Spec("W-1")
class GatherAllTest {
    @Test
    void all_twoTypes_runConcurrentlyAndAreCombined() {
        InVirtualTime.run(() -> {
            Duration start = Asyncio.getRunningLoop().time();
            String both = await(Gather.all(
                    sleep(millis(5), "a"), createTask(sleep(millis(4), 1)), (text, number) -> text + (number + 1)));
            assertThat(both).isEqualTo("a2");
            assertThat(Asyncio.getRunningLoop().time().minus(start)).isEqualTo(millis(5));
        });
    }

    @Test
    void all_threeToSix_combineInTheOrderOfTheArguments() {
        InVirtualTime.run(() -> {
            Coroutine<String> three = Gather.all(of("a"), of(2), of('c'), (a, b, c) -> "" + a + b + c);
            assertThat(await(three)).isEqualTo("a2c");
            Coroutine<String> four = Gather.all(of("a"), of(2), of('c'), of(4L), (a, b, c, d) -> "" + a + b + c + d);
            assertThat(await(four)).isEqualTo("a2c4");
            Coroutine<String> five =
                    Gather.all(of("a"), of(2), of('c'), of(4L), of(true), (a, b, c, d, e) -> "" + a + b + c + d + e);
            assertThat(await(five)).isEqualTo("a2c4true");
            Coroutine<String> six = Gather.all(
                    of("a"),
                    of(2),
                    of('c'),
                    of(4L),
                    of(true),
                    of(0.5),
                    (a, b, c, d, e, f) -> "" + a + b + c + d + e + f);
            assertThat(await(six)).isEqualTo("a2c4true0.5");
        });
    }

    private static <T> Coroutine<T> of(T value) {
        return async(() -> value);
    }

    @Test
    void all_combinerMayAwaitAndFail() {
        InVirtualTime.run(() -> {
            Coroutine<Integer> sum = Gather.all(of(1), of(2), (a, b) -> await(sleep(millis(1), a + b)));
            assertThat(await(sum)).isEqualTo(3);
            IllegalStateException failure = new IllegalStateException("combined");
            assertThatThrownBy(() -> await(Gather.all(of(1), of(2), (a, b) -> {
                        throw failure;
                    })))
                    .isSameAs(failure);
        });
    }

    @Test
    void all_firstFailure_comesOutAtOnceAndTheOthersGoOn() {
        InVirtualTime.run(() -> {
            IllegalArgumentException failure = new IllegalArgumentException("a");
            Task<Integer> sibling = createTask(sleep(millis(10), 7));
            assertThatThrownBy(() -> await(Gather.all(failingAfter(millis(1), failure), sibling, Integer::sum)))
                    .isSameAs(failure);
            assertThat(sibling.isDone()).isFalse();
            assertThat(await(sibling)).isEqualTo(7);
        });
    }

    @Test
    void cancel_all_cancelsEveryone() {
        InVirtualTime.run(() -> {
            Task<Integer> a = createTask(sleep(Duration.ofHours(1), 1));
            Task<Integer> b = createTask(sleep(Duration.ofHours(1), 2));
            Task<Integer> both = createTask(Gather.all(a, b, Integer::sum));
            await(sleep(millis(1)));
            both.cancel();
            InVirtualTime.join(both, a, b);
            assertThat(both.isCancelled()).isTrue();
            assertThat(a.isCancelled()).isTrue();
            assertThat(b.isCancelled()).isTrue();
        });
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without null checks does
    void all_null_refusedAtOnce() {
        Coroutine<Integer> coroutine = of(1);
        assertThatThrownBy(() -> Gather.all(coroutine, null, Integer::sum))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("awaitable must not be null");
        assertThatThrownBy(() -> Gather.all(coroutine, coroutine, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("combiner must not be null");
    }
}
