package asyncio.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerQueueTest {
    private static final class Node extends TimerNode {
        private final int number;
        private long deadlineNanos;

        Node(int number) {
            this.number = number;
        }

        @Override
        public String toString() {
            return "node " + number;
        }
    }

    private final TimerQueue queue = new TimerQueue();
    private final List<TimerNode> fired = new ArrayList<>();

    private Node add(int number, long deadlineNanos) {
        Node node = new Node(number);
        node.deadlineNanos = deadlineNanos;
        queue.add(node, deadlineNanos);
        return node;
    }

    @Test
    void empty_noDeadlineAndNothingExpires() {
        queue.expire(Long.MAX_VALUE, fired::add);

        assertThat(queue.size()).isZero();
        assertThat(queue.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(fired).isEmpty();
    }

    @Test
    void expire_atTheDeadlineButNotBefore() {
        Node node = add(1, 100);
        queue.expire(99, fired::add);
        assertThat(fired).isEmpty();
        assertThat(node.isQueued()).isTrue();

        queue.expire(100, fired::add);
        assertThat(fired).containsExactly(node);
        assertThat(node.isQueued()).isFalse();
    }

    @Test
    void expire_equalDeadlines_firstInFirstOut() {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            nodes.add(add(i, 7));
        }
        queue.expire(7, fired::add);

        assertThat(fired).isEqualTo(nodes);
    }

    @Test
    void expire_extremeDeadlines_inOrder() {
        Node last = add(1, Long.MAX_VALUE);
        Node first = add(2, Long.MIN_VALUE);
        Node middle = add(3, 0);
        assertThat(queue.nextDeadlineNanos()).isEqualTo(Long.MIN_VALUE);
        queue.expire(Long.MAX_VALUE, fired::add);

        assertThat(fired).containsExactly(first, middle, last);
    }

    @Test
    void add_queuedNode_refused() {
        Node node = add(1, 5);

        assertThatThrownBy(() -> queue.add(node, 6))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("node 1");
        assertThat(queue.size()).isEqualTo(1);
    }

    @Test
    void remove_onceTrueThenFalse_andMayBeAddedAgain() {
        Node node = add(1, 5);
        assertThat(queue.remove(node)).isTrue();
        assertThat(queue.remove(node)).isFalse();
        queue.add(node, 9);

        assertThat(queue.nextDeadlineNanos()).isEqualTo(9);
    }

    @Test
    void clear_everyNodeIsFreeAgain() {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            nodes.add(add(i, i));
        }
        queue.clear();

        assertThat(queue.size()).isZero();
        assertThat(nodes).noneMatch(TimerNode::isQueued);
        queue.add(nodes.getFirst(), 1);
        assertThat(queue.nextDeadlineNanos()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anySequenceOfOperations_behavesAsASortedList(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Node> model = new ArrayList<>(); // by deadline, equal ones in the order of their addition
        long now = 0;
        for (int step = 0; step < 4_000; step++) {
            boolean growing = step / 500 % 2 == 0;
            int choice = random.nextInt(10);
            if (choice < (growing ? 7 : 3)) {
                Node node = add(step, now + random.nextInt(50)); // few values, so that many are equal
                int place = model.size();
                while (place > 0 && model.get(place - 1).deadlineNanos > node.deadlineNanos) {
                    place--;
                }
                model.add(place, node);
            } else if (choice < 9) {
                if (!model.isEmpty()) {
                    Node node = model.remove(random.nextInt(model.size()));
                    assertThat(queue.remove(node)).isTrue();
                    assertThat(queue.remove(node)).isFalse();
                }
            } else {
                now += random.nextInt(10);
                fired.clear();
                queue.expire(now, fired::add);
                List<TimerNode> due = new ArrayList<>();
                while (!model.isEmpty() && model.getFirst().deadlineNanos <= now) {
                    due.add(model.removeFirst());
                }
                assertThat(fired).isEqualTo(due).noneMatch(TimerNode::isQueued);
            }
            checkInvariants(model);
        }
        fired.clear();
        queue.expire(Long.MAX_VALUE, fired::add);
        assertThat(fired).isEqualTo(model).isSortedAccordingTo(Comparator.comparingLong(TimerQueueTest::deadline));
    }

    private static long deadline(TimerNode node) {
        return ((Node) node).deadlineNanos;
    }

    private void checkInvariants(List<Node> model) {
        assertThat(queue.size()).isEqualTo(model.size());
        assertThat(queue.nextDeadlineNanos())
                .isEqualTo(model.isEmpty() ? Long.MAX_VALUE : model.getFirst().deadlineNanos);
        boolean[] taken = new boolean[model.size()];
        for (Node node : model) { // each in a slot of its own
            if (!node.isQueued() || node.slot < 0 || node.slot >= taken.length || taken[node.slot]) {
                throw new AssertionError(node + " must be in a slot of its own: got " + node.slot);
            }
            taken[node.slot] = true;
        }
    }
}
