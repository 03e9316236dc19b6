package asyncio.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingQueueTest {
    private final RingQueue<Integer> queue = new RingQueue<>();

    @Test
    void poll_empty_null() {
        assertThat(queue.poll()).isNull();
        assertThat(queue.peek()).isNull();
        assertThat(queue.size()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void bringToFront_positionOutside_refusedWithTheRange() {
        queue.add(1);
        queue.add(2);

        assertThatThrownBy(() -> queue.bringToFront(2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("0 to 1")
                .hasMessageContaining("got 2");
        assertThatThrownBy(() -> queue.bringToFront(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(queue.poll()).isEqualTo(1);
    }

    @Test
    void bringToFront_exchangesWithTheFirst() {
        for (int i = 0; i < 4; i++) {
            queue.add(i);
        }
        queue.bringToFront(2);

        assertThat(drain()).containsExactly(2, 1, 0, 3);
    }

    private List<Integer> drain() {
        List<Integer> all = new ArrayList<>();
        for (Integer each = queue.poll(); each != null; each = queue.poll()) {
            all.add(each);
        }
        return all;
    }

    @Test
    void add_manyThenPollAll_orderKeptThroughGrowthAndAfterTheShrink() {
        for (int i = 0; i < 5_000; i++) {
            queue.add(i);
        }
        assertThat(drain()).hasSize(5_000).isSorted();

        for (int i = 0; i < 200; i++) {
            queue.add(i);
        }
        assertThat(drain()).hasSize(200).isSorted();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anySequenceOfOperations_behavesAsAList(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> model = new ArrayList<>();
        for (int step = 0; step < 5_000; step++) {
            boolean growing = step / 500 % 2 == 0; // long phases of growth and decline wrap and resize the ring
            switch (random.nextInt(growing ? 4 : 6)) {
                case 0, 1, 2 -> {
                    queue.add(step);
                    model.add(step);
                }
                case 3 -> {
                    if (!model.isEmpty()) {
                        int index = random.nextInt(model.size());
                        queue.bringToFront(index);
                        Collections.swap(model, 0, index);
                    }
                }
                default -> {
                    for (int i = 0; i < 3; i++) {
                        assertThat(queue.poll()).isEqualTo(model.isEmpty() ? null : model.removeFirst());
                    }
                }
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
            assertThat(queue.peek()).isEqualTo(model.isEmpty() ? null : model.getFirst());
        }

        assertThat(drain()).isEqualTo(model);
    }
}
