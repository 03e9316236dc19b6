/// The `asyncio` command: runs a single-file program, and says what this installation can do.
///
/// A program is compiled in this JVM, kept in a cache, and run in this JVM. The way to a program that is already
/// in the cache is the one that counts: it reads the source once, hashes it, reads the kept classes and starts.
@NullMarked
package asyncio.cli;

import org.jspecify.annotations.NullMarked;
