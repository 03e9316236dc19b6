package flow;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;

/// The kit's rules for subscribers, seen from outside.
public class BlackboxVerification extends FlowSubscriberBlackboxVerification<Integer> {
    /// For TestNG.
    public BlackboxVerification() {
        super(Kit.environment());
    }

    @Override
    public Flow.Subscriber<Integer> createFlowSubscriber() {
        return Kit.subscriber(4);
    }

    @Override
    public Integer createElement(int element) {
        return element;
    }
}
