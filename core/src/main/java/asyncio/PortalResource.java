package asyncio;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Something that coroutines acquire and release, in the hands of synchronous code: made by
/// [BlockingPortal#open(GeneratorBody)].
///
/// The code that acquires and releases is one task from beginning to end: a lock that it takes is its
/// own until [#close()].
///
/// Threads: any thread, but not that of the portal's loop.
///
/// @param <T> what the code emits
public final class PortalResource<T> implements AutoCloseable {
    /*
     *   acquiring --emit--> open --close--> releasing --> over
     *             --fails or returns--> over     (open() throws)
     *                          --cancelled--> releasing --> over
     */
    private final BlockingPortal portal;
    private final CompletableFuture<T> emitted = new CompletableFuture<>();
    private final PortalCall<@Nullable Void> call;
    private @Nullable Future<@Nullable Void> resumed; // while open; loop-confined
    private final AtomicBoolean closed = new AtomicBoolean(); // close() was called

    PortalResource(BlockingPortal portal, GeneratorBody<T> body) {
        this.portal = portal;
        call = new PortalCall<>(portal, () -> {
            body.run(this::emit);
            return null;
        });
        var _ = call.result.whenComplete((nothing, failure) -> {
            emitted.completeExceptionally(
                    failure != null
                            ? failure
                            : new IllegalStateException(
                                    "open must be given code that emits the resource: it ended without; call emit once,"
                                            + " between acquiring and releasing"));
        });
    }

    PortalCall<?> call() {
        return call;
    }

    /// In the task: hands the resource out, and waits until it is no longer wanted.
    private void emit(T value) {
        if (emitted.isDone()) {
            throw new IllegalStateException(
                    "emit must be called once by the code of open: a resource was there already;"
                            + " call open again for another");
        }
        Objects.requireNonNull(value, "value must not be null: an Optional says that there is none");
        Future<@Nullable Void> wait = Task.required().loop().createFuture(WaitKind.FUTURE, "the end of " + this);
        resumed = wait;
        emitted.complete(value);
        wait.await();
    }

    /// For [BlockingPortal]: waits until the resource is there.
    void awaitOpen() {
        portal.await(call, emitted);
    }

    /// What the code has emitted.
    ///
    /// @return the value, also after the end
    public T value() {
        return emitted.join();
    }

    /// Lets the code go on behind its `emit`, and waits for its end. Does nothing the second time.
    ///
    /// An interrupt does not keep it from releasing; it stays set. If the release takes too long,
    /// [BlockingPortal#cancelAll()] ends it. What the code fails with comes out as it is; nothing does
    /// if the code was cancelled before: then it has released already.
    ///
    /// @throws IllegalStateException on the thread of the portal's loop, where this would wait for itself
    @Override
    public void close() {
        portal.ensureElsewhere("close");
        boolean first = closed.compareAndSet(false, true);
        portal.loop().core.submit(new BareJob(() -> {
            Future<@Nullable Void> wait = resumed;
            if (wait != null && !wait.isDone()) {
                wait.setResult(null);
            }
        }));
        try {
            call.result.join();
        } catch (CompletionException e) {
            Throwable failure = e.getCause();
            if (first && failure != null && !(failure instanceof CancelledError)) {
                throw Sneaky.rethrow(failure);
            }
        }
    }

    @Override
    public String toString() {
        return "<PortalResource " + (call.result.isDone() ? "closed" : emitted.isDone() ? "open" : "opening") + ">";
    }
}
