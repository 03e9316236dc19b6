package asyncio.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {
    private final Inbox<Integer> inbox = new Inbox<>();
    private final List<Integer> taken = new ArrayList<>();

    @Test
    void drain_empty_nothing() {
        inbox.drain(taken::add);

        assertThat(taken).isEmpty();
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void drain_oldestFirstAndOnlyOnce() {
        IntStream.range(0, 5).forEach(inbox::add);
        assertThat(inbox.isEmpty()).isFalse();
        inbox.drain(taken::add);
        inbox.drain(taken::add);

        assertThat(taken).containsExactly(0, 1, 2, 3, 4);
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void drain_sinkThatAdds_comesOutNextTime() {
        inbox.add(1);
        inbox.drain(each -> {
            taken.add(each);
            inbox.add(each + 1);
        });
        assertThat(taken).containsExactly(1);

        inbox.drain(taken::add);
        assertThat(taken).containsExactly(1, 2);
    }

    @Test
    void close_handsOutWhatWasAccepted_thenRefuses() {
        inbox.add(1);
        inbox.close(taken::add);
        assertThat(inbox.add(2)).isFalse();
        inbox.drain(taken::add);
        inbox.close(taken::add);

        assertThat(taken).containsExactly(1);
        assertThat(inbox.isEmpty()).isTrue();
        assertThat(inbox.add(3)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anySequenceOfOperations_behavesAsAList(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> model = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            if (random.nextInt(5) == 0) {
                inbox.drain(taken::add);
                expected.addAll(model);
                model.clear();
                assertThat(taken).isEqualTo(expected);
            } else {
                assertThat(inbox.add(step)).isTrue();
                model.add(step);
            }
            assertThat(inbox.isEmpty()).isEqualTo(model.isEmpty());
        }
    }

    @Test
    void add_fromSeveralThreadsWhileItIsDrainedAndClosed_everyAcceptedElementOnceInItsThreadsOrder()
            throws InterruptedException {
        int threads = 4;
        int each = 5_000;
        CountDownLatch begin = new CountDownLatch(1);
        AtomicInteger accepted = new AtomicInteger();
        List<Thread> producers = IntStream.range(0, threads)
                .mapToObj(thread -> Thread.ofPlatform().start(() -> {
                    try {
                        begin.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                    for (int i = 0; i < each && inbox.add(thread * each + i); i++) {
                        accepted.incrementAndGet();
                    }
                }))
                .toList();
        begin.countDown();
        while (taken.size() < each) {
            inbox.drain(taken::add);
        }
        inbox.close(taken::add);
        for (Thread producer : producers) {
            producer.join();
        }

        assertThat(taken).hasSize(accepted.get()).doesNotHaveDuplicates();
        for (int thread = 0; thread < threads; thread++) {
            int number = thread;
            assertThat(taken.stream().filter(value -> value / each == number)).isSorted();
        }
    }
}
