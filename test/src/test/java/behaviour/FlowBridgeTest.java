package behaviour;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gatherOutcomes;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.AsyncIterator;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.Values;
import asyncio.testing.CancelSweep;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Publishers as iterators, and iterators as publishers. The rules of the specification itself are
/// tested by its own kit, in package `flow`.
class FlowBridgeTest {
    private static final int ORDERS = 200;

    private final List<String> log = new ArrayList<>();
    private final RecordingLogger logger = new RecordingLogger();

    /// Gives the others as many turns as a signal may need to arrive.
    private static void settle() {
        for (int i = 0; i < 10; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    private AsyncGenerator<Integer> naturals() {
        return generator(out -> {
            try {
                for (int number = 0; ; number++) {
                    log.add("makes " + number);
                    out.emit(number);
                }
            } finally {
                await(sleep(millis(1)));
                log.add("clean");
            }
        });
    }

    private Flow.Publisher<Integer> published(AsyncGenerator<Integer> source) {
        return AsyncIterator.toPublisher(() -> source, getRunningLoop());
    }

    /// Writes down what it is told.
    private class Listener implements Flow.Subscriber<Integer> {
        Flow.@Nullable Subscription subscription;

        @Nullable
        Throwable failure;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            log.add("subscribed");
        }

        @Override
        public void onNext(Integer value) {
            log.add("gets " + value);
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
            log.add("fails");
        }

        @Override
        public void onComplete() {
            log.add("completes");
        }

        final void request(long count) {
            assertThat(subscription).isNotNull();
            subscription.request(count);
        }

        final void cancel() {
            assertThat(subscription).isNotNull();
            subscription.cancel();
        }
    }

    // Iterators as publishers

    @Test
    void toPublisher_requests_driveTheGenerator() {
        InVirtualTime.run(() -> {
            Listener listener = new Listener();
            published(naturals()).subscribe(listener);
            settle();
            assertThat(log).containsExactly("subscribed");
            listener.request(2);
            settle();
            assertThat(log).containsExactly("subscribed", "makes 0", "gets 0", "makes 1", "gets 1");
            listener.cancel();
            await(sleep(millis(2)));
            assertThat(log).endsWith("gets 1", "clean");
            listener.request(5);
            listener.cancel();
            settle();
            assertThat(log).endsWith("clean");
        });
    }

    @Test
    void toPublisher_eachSubscriber_hasItsOwnRun() {
        InVirtualTime.run(() -> {
            Flow.Publisher<Integer> numbers =
                    AsyncIterator.toPublisher(() -> AsyncIterator.of(List.of(1, 2)), getRunningLoop());
            for (int i = 0; i < 2; i++) {
                Listener listener = new Listener();
                numbers.subscribe(listener);
                settle();
                listener.request(Long.MAX_VALUE);
                listener.request(Long.MAX_VALUE);
                settle();
            }
            assertThat(log)
                    .containsExactly(
                            "subscribed",
                            "gets 1",
                            "gets 2",
                            "completes",
                            "subscribed",
                            "gets 1",
                            "gets 2",
                            "completes");
        });
    }

    @Test
    void toPublisher_cancelledWhileTheGeneratorWaits_cancelsItThere() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> slow = generator(out -> {
                try {
                    await(sleep(Duration.ofHours(1)));
                } catch (CancelledError e) {
                    log.add(String.valueOf(e.reason()));
                    await(sleep(millis(1)));
                    log.add("clean");
                    throw e;
                }
            });
            Listener listener = new Listener();
            published(slow).subscribe(listener);
            settle();
            listener.request(1);
            settle();
            listener.cancel();
            await(sleep(millis(2)));
            assertThat(log).hasSize(3).startsWith("subscribed").endsWith("clean");
            assertThat(log.get(1)).contains("the subscription has ended");
            assertThat(getRunningLoop().time()).isLessThan(Duration.ofMinutes(1));
        });
    }

    @Test
    void toPublisher_requestOfNothing_closesAndFails() {
        InVirtualTime.run(() -> {
            Listener listener = new Listener();
            published(naturals()).subscribe(listener);
            settle();
            listener.request(1);
            settle();
            listener.request(-3);
            await(sleep(millis(2)));
            assertThat(log).containsExactly("subscribed", "makes 0", "gets 0", "clean", "fails");
            assertThat(listener.failure)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-3");
        });
    }

    @Test
    void toPublisher_generatorFails_passesTheFailureOn() {
        InVirtualTime.run(() -> {
            IllegalStateException failure = new IllegalStateException("broken");
            Listener listener = new Listener();
            published(generator(out -> {
                        out.emit(1);
                        throw failure;
                    }))
                    .subscribe(listener);
            settle();
            listener.request(9);
            settle();
            assertThat(log).containsExactly("subscribed", "gets 1", "fails");
            assertThat(listener.failure).isSameAs(failure);
        });
    }

    @Test
    void toPublisher_subscriberFails_countsAsCancelledAndIsReported() {
        InVirtualTime.run(logger, () -> {
            Listener listener = new Listener() {
                @Override
                public void onNext(Integer value) {
                    throw new IllegalStateException("cannot take " + value);
                }
            };
            published(naturals()).subscribe(listener);
            settle();
            listener.request(2);
            await(sleep(millis(2)));
            assertThat(log).containsExactly("subscribed", "makes 0", "clean");
        });
        assertThat(logger.messagesWith("a subscriber failed in a signal")).hasSize(1);
    }

    @Test
    void toPublisher_cleanUpFailsAfterCancel_isReported() {
        InVirtualTime.run(logger, () -> {
            Listener listener = new Listener();
            published(generator(out -> {
                        try {
                            out.emit(1);
                        } finally {
                            throwState();
                        }
                    }))
                    .subscribe(listener);
            settle();
            listener.request(1);
            settle();
            listener.cancel();
            settle();
            assertThat(log).containsExactly("subscribed", "gets 1");
        });
        assertThat(logger.messagesWith("failed after its subscriber had cancelled"))
                .hasSize(1);
    }

    private static void throwState() {
        throw new IllegalStateException("clean-up");
    }

    @Test
    void toPublisher_programEnds_subscriberIsTold() {
        Listener listener = new Listener();
        InVirtualTime.run(() -> {
            published(naturals()).subscribe(listener);
            settle();
        });
        assertThat(log).containsExactly("subscribed", "fails");
        assertThat(listener.failure).isInstanceOf(CancellationException.class);
    }

    @Test
    void toPublisher_programEndsBeforeTheSubscriptionBegins_subscriberIsTold() {
        Listener listener = new Listener();
        InVirtualTime.run(() -> published(naturals()).subscribe(listener));
        assertThat(log).containsExactly("subscribed", "fails");
        assertThat(listener.failure).isInstanceOf(CancellationException.class);
    }

    @Test
    void toPublisher_loopIsClosedMeanwhile_subscriberIsTold() {
        Listener begun = new Listener();
        Listener queued = new Listener();
        Flow.Publisher<Integer> publisher;
        try (EventLoop loop = EventLoop.create(InVirtualTime.loop(logger))) {
            publisher = AsyncIterator.toPublisher(this::naturals, loop);
            publisher.subscribe(begun);
            loop.runUntilComplete(sleep(millis(1)));
            publisher.subscribe(queued);
        }
        assertThat(begun.failure).isInstanceOf(CancellationException.class).hasMessage("the event loop was closed");
        assertThat(queued.failure).isInstanceOf(CancellationException.class);

        Listener late = new Listener();
        publisher.subscribe(late);
        late.request(1);
        late.cancel();
        assertThat(late.failure).isInstanceOf(IllegalStateException.class).hasMessageContaining("Event loop is closed");
        assertThat(log).containsExactly("subscribed", "subscribed", "fails", "fails", "subscribed", "fails");
    }

    @Test
    void toPublisher_nulls_areRefused() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> published(naturals()).subscribe(LoopFixture.nothing()))
                    .isInstanceOf(NullPointerException.class);
        });
    }

    // Publishers as iterators

    /// A publisher that a test works by hand.
    private final class Hand implements Flow.Publisher<Integer>, Flow.Subscription {
        private Flow.@Nullable Subscriber<? super Integer> subscriber;
        private LongConsumer onRequest = count -> {};

        @Override
        public void subscribe(Flow.Subscriber<? super Integer> given) {
            subscriber = given;
            log.add("subscribe");
            given.onSubscribe(this);
        }

        @Override
        public void request(long count) {
            log.add("request " + count);
            onRequest.accept(count);
        }

        @Override
        public void cancel() {
            log.add("cancel");
        }

        Flow.Subscriber<? super Integer> out() {
            assertThat(subscriber).isNotNull();
            return subscriber;
        }
    }

    @Test
    void fromPublisher_prefetch_boundsWhatIsOutstanding() {
        InVirtualTime.run(() -> {
            Hand hand = new Hand();
            int[] next = {0};
            hand.onRequest = count -> {
                for (long i = 0; i < count; i++) {
                    hand.out().onNext(next[0]++);
                }
            };
            AsyncIterator<Integer> numbers = AsyncIterator.fromPublisher(hand, 4);
            assertThat(log).isEmpty();
            for (int expected = 0; expected < 5; expected++) {
                assertThat(await(numbers.anext())).contains(expected);
                settle();
            }
            await(numbers.aclose());
            await(numbers.aclose());
            assertThat(await(numbers.anext())).isEmpty();
            assertThat(log).containsExactly("subscribe", "request 4", "request 2", "request 2", "cancel");
        });
    }

    @Test
    void fromPublisher_failure_comesAfterTheValuesAndOnce() {
        InVirtualTime.run(() -> {
            IllegalStateException failure = new IllegalStateException("broken");
            Hand hand = new Hand();
            hand.onRequest = count -> {
                hand.out().onNext(1);
                hand.out().onError(failure);
            };
            AsyncIterator<Integer> numbers = AsyncIterator.fromPublisher(hand, 4);
            assertThat(await(numbers.anext())).contains(1);
            assertThatThrownBy(() -> await(numbers.anext())).isSameAs(failure);
            assertThat(await(numbers.anext())).isEmpty();
            await(numbers.aclose());
            assertThat(log).doesNotContain("cancel");
        });
    }

    @Test
    void fromPublisher_waitThatIsCancelled_losesNoValue() {
        InVirtualTime.run(() -> {
            Hand hand = new Hand();
            AsyncIterator<Integer> numbers = AsyncIterator.fromPublisher(hand, 1);
            assertThatThrownBy(() -> await(timeout(millis(1), () -> await(numbers.anext()))))
                    .isInstanceOf(TimeoutException.class);
            hand.out().onNext(7);
            assertThat(await(numbers.anext())).contains(7);
            hand.out().onComplete();
            assertThat(await(numbers.anext())).isEmpty();
        });
    }

    @Test
    void fromPublisher_publisherThatSendsTooMuch_isCancelledAndNamed() {
        InVirtualTime.run(() -> {
            Hand hand = new Hand();
            hand.onRequest = count -> IntStream.range(0, 3).forEach(hand.out()::onNext);
            AsyncIterator<Integer> numbers = AsyncIterator.fromPublisher(hand, 2);
            assertThatThrownBy(() -> await(numbers.toList()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sent more values");
            assertThat(log).endsWith("cancel").containsOnlyOnce("cancel");
        });
    }

    @Test
    void fromPublisher_closedBeforeTheSubscriptionCame_cancelsItThen() {
        InVirtualTime.run(() -> {
            List<Flow.Subscriber<? super Integer>> subscribed = new ArrayList<>();
            Flow.Publisher<Integer> slow = subscribed::add;
            AsyncIterator<Integer> numbers = AsyncIterator.fromPublisher(slow, 1);
            Task<?> reader = createTask(() -> await(numbers.anext()));
            await(sleep(Duration.ZERO));
            assertThatThrownBy(() -> await(numbers.anext())).hasMessageContaining("already waited for by another task");
            await(numbers.aclose());
            await(reader);
            Hand hand = new Hand();
            subscribed.getFirst().onSubscribe(hand);
            settle();
            assertThat(log).containsExactly("cancel");
        });
    }

    @Test
    void fromPublisher_subscribeThatThrows_endsTheIterator() {
        InVirtualTime.run(() -> {
            Flow.Publisher<Integer> broken = subscriber -> throwState();
            AsyncIterator<Integer> numbers = AsyncIterator.fromPublisher(broken, 1);
            assertThatThrownBy(() -> await(numbers.anext())).isInstanceOf(IllegalStateException.class);
            assertThat(await(numbers.anext())).isEmpty();
        });
    }

    @Test
    void fromPublisher_noPrefetch_isRefused() {
        assertThatThrownBy(() -> AsyncIterator.fromPublisher(new Hand(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prefetchCount must be positive: got 0");
    }

    @Test
    void fromPublisher_signalsAfterTheLoopWasClosed_cancelTheSubscription() {
        Hand hand = new Hand();
        try (EventLoop loop = EventLoop.create(InVirtualTime.loop(logger))) {
            Task<?> reader =
                    loop.createTask(AsyncIterator.fromPublisher(hand, 2).toList());
            loop.runUntilComplete(sleep(millis(1)));
            assertThat(reader.isDone()).isFalse();
        }
        log.clear();
        hand.out().onNext(1);
        assertThat(log).containsExactly("cancel");
    }

    @Test
    void fromPublisher_ofAThreadedPublisher_readsAllInOrder() {
        int count = 10_000;
        List<Integer> read = asyncio.Asyncio.run(() -> {
            SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>();
            Task<List<Integer>> reader =
                    createTask(AsyncIterator.fromPublisher(publisher, 16).toList());
            await(sleep(Duration.ZERO)); // it has subscribed
            await(asyncio.Asyncio.toThread(() -> {
                try (publisher) {
                    for (int number = 0; number < count; number++) {
                        publisher.submit(number);
                    }
                }
            }));
            return await(reader);
        });
        assertThat(read)
                .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
    }

    // Both

    @Test
    void roundTrip_cancelledAnywhere_valuesStayInOrderAndTheSourceIsCleanedUp() {
        CancelSweep.Scenario scenario = victim -> {
            int[] open = {0};
            List<Integer> read = new ArrayList<>();
            Flow.Publisher<Integer> publisher = AsyncIterator.toPublisher(
                    () -> generator(out -> {
                        open[0]++;
                        try {
                            for (int number = 0; number < 5; number++) {
                                await(sleep(Duration.ZERO));
                                out.emit(number);
                            }
                        } finally {
                            try {
                                await(sleep(millis(1))); // may be cancelled itself
                            } finally {
                                open[0]--;
                            }
                        }
                    }),
                    getRunningLoop());
            Task<?> task = victim.is(createTask(() -> {
                try (Values<Integer> numbers =
                        AsyncIterator.fromPublisher(publisher, 2).values()) {
                    for (int number : numbers) {
                        read.add(number);
                    }
                }
                await(sleep(Duration.ZERO));
            }));
            await(gatherOutcomes(List.of(task)));
            List<Task<?>> others = new ArrayList<>(allTasks());
            others.remove(currentTask());
            await(gatherOutcomes(others));
            assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
            assertThat(open[0]).isZero();
            assertThat(read).isEqualTo(IntStream.range(0, read.size()).boxed().toList());
            assertThat(read.size() == 5 || victim.wasCancelled()).isTrue();
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }
}
