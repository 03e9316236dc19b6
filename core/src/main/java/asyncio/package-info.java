/// asyncio: an event loop, coroutines and structured concurrency in the words of Python's asyncio.
///
/// [Asyncio] is the entry class, made for `import static asyncio.Asyncio.*`. A [Coroutine] is an
/// object that runs nothing until it is awaited or scheduled; a [Task] runs one concurrently with
/// others; a [TaskGroup] owns tasks; a [Timeout] bounds a piece of code; [EventLoop] is what they
/// all run on, one thing at a time.
///
/// Tasks of one loop interleave only where they await. State that one loop owns needs no lock.
@NullMarked
package asyncio;

import org.jspecify.annotations.NullMarked;
