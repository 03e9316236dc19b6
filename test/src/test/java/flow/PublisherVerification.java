package flow;

import static asyncio.Asyncio.generator;

import asyncio.AsyncIterator;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/// The kit's rules for publishers, on a generator.
public class PublisherVerification extends FlowPublisherVerification<Integer> {
    /// For TestNG.
    public PublisherVerification() {
        super(Kit.environment(), Kit.COLLECTION_MILLIS);
    }

    @Override
    public Flow.Publisher<Integer> createFlowPublisher(long elements) {
        return AsyncIterator.toPublisher(
                () -> generator(out -> {
                    for (int value = 0; value < elements; value++) {
                        out.emit(value);
                    }
                }),
                Kit.loop());
    }

    @Override
    public Flow.Publisher<Integer> createFailedFlowPublisher() {
        return AsyncIterator.toPublisher(
                () -> {
                    throw new IllegalStateException("no values");
                },
                Kit.loop());
    }
}
