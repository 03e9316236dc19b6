package asyncio;

import java.util.Collection;

/// What a future stands for that ends when others do: it is the subject of a [LabelledFuture], so
/// that one can see what is waited for.
///
/// Threads: loop-confined.
interface Dependent {
    /// The futures on which it depends; among them may be some that are done.
    Collection<? extends Future<?>> members();
}
