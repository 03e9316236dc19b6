package flow;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;

/// The kit's rules for subscribers, with a probe that sees each signal.
public class WhiteboxVerification extends FlowSubscriberWhiteboxVerification<Integer> {
    /// For TestNG.
    public WhiteboxVerification() {
        super(Kit.environment());
    }

    @Override
    protected Flow.Subscriber<Integer> createFlowSubscriber(WhiteboxSubscriberProbe<Integer> probe) {
        return new Probed(Kit.subscriber(1), probe);
    }

    @Override
    public Integer createElement(int element) {
        return element;
    }

    /// Passes each signal on, then tells the probe. The task that reads the values requests them.
    private record Probed(Flow.Subscriber<Integer> inner, WhiteboxSubscriberProbe<Integer> probe)
            implements Flow.Subscriber<Integer> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            inner.onSubscribe(subscription);
            probe.registerOnSubscribe(new SubscriberPuppet() {
                @Override
                public void triggerRequest(long elements) {}

                @Override
                public void signalCancel() {
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onNext(Integer value) {
            inner.onNext(value);
            probe.registerOnNext(value);
        }

        @Override
        public void onError(Throwable failure) {
            inner.onError(failure);
            probe.registerOnError(failure);
        }

        @Override
        public void onComplete() {
            inner.onComplete();
            probe.registerOnComplete();
        }
    }
}
