package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.AsyncIterator;
import asyncio.Task;
import asyncio.sync.Channel;
import asyncio.sync.Queue;
import asyncio.sync.Sender;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Queues and channels where an `AsyncIterator` is wanted: their plain iterators await.
class IteratorOfQueueTest {
    @Test
    void of_queue_awaitsItemsAndEndsAtTheShutdown() {
        InVirtualTime.run(() -> {
            Queue<Integer> queue = new Queue<>(1);
            Task<@Nullable Void> producer = createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    await(sleep(millis(1)));
                    await(queue.put(i));
                }
                queue.shutdown();
            });
            List<Integer> items = await(AsyncIterator.of(queue).toList());
            assertThat(items).containsExactly(0, 1, 2);
            await(producer);
        });
    }

    @Test
    void of_receiver_endsWithTheLastSender() {
        InVirtualTime.run(() -> {
            Channel<String> channel = Channel.open(0);
            Task<@Nullable Void> producer = createTask(() -> {
                try (Sender<String> sender = channel.sender()) {
                    await(sender.send("a"));
                    await(sender.send("b"));
                }
            });
            List<String> items = await(AsyncIterator.of(channel.receiver()).toList());
            assertThat(items).containsExactly("a", "b");
            await(producer);
        });
    }
}
