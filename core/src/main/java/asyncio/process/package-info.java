/// Child processes: started, fed, read and ended without blocking a loop.
///
/// [asyncio.process.Processes] starts them. `runProcess` is for children that run from start to end,
/// `createSubprocessExec` for those that are talked to, `subprocessExec` for protocols.
///
/// **What the JDK forces.** It has no descriptor of a process, no start that does not block, and no pipe
/// of a child that a selector can watch. So:
///
/// - *Start*: on a thread of the loop's default executor. It takes milliseconds, and is native code.
/// - *End*: the JDK has one thread for each child, on every system, named `process reaper`, a daemon with
///   a small stack, which waits in the system and reaps. It completes `onExit()` on the common pool, and
///   from there the loop is told. A thousand children are a thousand threads. Those that are idle are used
///   again for a minute. Unlike asyncio's on Linux, which has a descriptor for each child and no thread.
/// - *Grandchildren*: nobody tells of their end. `stop(grace)` looks for them, every 2 to 50 ms, in the
///   system's table of processes, as long as the grace lasts.
/// - *Pipes on Linux*: of the system, watched by the loop's poller, without threads. The child is given its
///   end as a file, `/proc/self/fd/N`; the number is found by changing our end's flags and looking which
///   pipe has changed.
/// - *Pipes elsewhere*, where `/proc` is not mounted, or with `-Dasyncio.process.pipes=threads`: a platform
///   thread for each, a daemon named `asyncio-pipe-N`, which reads ahead or writes one buffer of 64 KiB. The
///   JDK drains and closes the pipes of a child that has ended (not on Windows); the thread keeps it from
///   that, unless the child ends before the thread has begun. A read in the system cannot be interrupted: a
///   pipe that is closed here may stay open until the other side has written or ended.
/// - *Signals*: the JDK sends `TERM` and `KILL`; others are sent by the `kill` of `/bin/sh`. On Windows there
///   are no others, and `TERM` kills.
/// - *Return codes*: the JDK reports death by signal N as 128+N, and so cannot tell it from that exit code.
/// - *Not there*: sessions and process groups, descriptors handed on, another user, umask.
///
/// All of it was tried on Linux only.
@NullMarked
package asyncio.process;

import org.jspecify.annotations.NullMarked;
