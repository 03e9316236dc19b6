package asyncio.net;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopLocal;
import asyncio.WaitKind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The JDK's resolver, on threads of its own (IO-15).
///
/// Threads: loop-confined; the look-ups themselves on the pool's threads.
final class SystemResolver implements AutoCloseable {
    /*
     * Not the default executor: a name server that does not answer would take its threads from all others, and work
     * that fills it would hold up names. Not virtual threads: the JDK's look-up is native, and keeps its carrier.
     *
     * The JDK lets those who look up the same name wait for each other, each with a thread. So here one thread asks for
     * all of them: `waiting` has the names that are asked for, until the answer.
     *
     * A look-up that has begun cannot be stopped. One whose askers have all left before is skipped when its turn comes:
     * else names would be asked for long after a name server was down, and hold up those that are wanted.
     */
    private static final int MAX_THREADS = 8;
    private static final int KEEP_ALIVE_SECONDS = 10;
    private static final LoopLocal<SystemResolver> LOCAL = new LoopLocal<>(SystemResolver::new);

    /// Asks the resolver of the running loop.
    static final Resolver EVERYWHERE = new Resolver() {
        @Override
        public Coroutine<List<InetAddress>> resolve(String host) {
            return Asyncio.async(() -> LOCAL.of(Asyncio.getRunningLoop()).resolve(host));
        }

        @Override
        public Coroutine<String> nameOf(InetAddress address) {
            return Asyncio.async(() -> LOCAL.of(Asyncio.getRunningLoop()).nameOf(address));
        }

        @Override
        public String toString() {
            return "<Resolver of the system>";
        }
    };

    private final EventLoop loop;
    private final ThreadPoolExecutor threads;
    private final Map<String, Question> waiting = new HashMap<>();

    private SystemResolver(EventLoop loop) {
        this.loop = loop;
        threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("asyncio-resolver-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    private List<InetAddress> resolve(String host) {
        Question known = waiting.get(host);
        Question question = known != null ? known : new Question(host);
        Future<List<InetAddress>> mine = loop.createFuture(WaitKind.EXECUTOR, "getaddrinfo(" + host + ")");
        question.askers.add(mine);
        question.wanted = true;
        if (known == null) {
            ask(question);
        }
        try {
            return Asyncio.await(mine);
        } finally {
            question.wanted = question.isAwaited();
        }
    }

    private void ask(Question question) {
        Future<InetAddress @Nullable []> answer = loop.runInExecutor(threads, question::lookUp);
        waiting.put(question.host, question);
        answer.addDoneCallback(done -> {
            waiting.remove(question.host);
            Throwable failure = done.isCancelled() ? null : done.exception(); // looked at, even if everybody has left
            if (failure == null && !done.isCancelled() && done.result() == null) {
                if (question.isAwaited()) { // by somebody who came when it had just been skipped
                    ask(question);
                }
                return;
            }
            for (Future<List<InetAddress>> each : question.askers) {
                if (!each.isDone()) {
                    deliver(done, failure, each);
                }
            }
        });
    }

    private static void deliver(
            Future<InetAddress @Nullable []> answer, @Nullable Throwable failure, Future<List<InetAddress>> target) {
        if (failure != null) {
            target.setException(failure);
        } else if (answer.isCancelled()) {
            target.cancel("the resolver is closed");
        } else {
            target.setResult(List.of(Objects.requireNonNull(answer.result())));
        }
    }

    private static InetAddress[] lookUp(String host) throws UnknownHostException {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            String words = String.valueOf(e.getMessage());
            if (words.contains(host)) {
                throw e;
            }
            UnknownHostException named = new UnknownHostException(host + ": " + words);
            named.initCause(e);
            throw named;
        }
    }

    private String nameOf(InetAddress address) throws UnknownHostException {
        InetAddress nameless = InetAddress.getByAddress(address.getAddress()); // with a name, none would be looked up
        return Asyncio.await(loop.runInExecutor(threads, nameless::getCanonicalHostName));
    }

    /// With the loop. A look-up that is going on cannot be stopped: its thread ends behind it.
    @Override
    public void close() {
        threads.shutdownNow();
    }

    @Override
    public String toString() {
        return "<SystemResolver of " + loop.name() + ">";
    }

    /// A name, and who waits for its addresses.
    ///
    /// Threads: loop-confined, but for what says so.
    private static final class Question {
        final String host;
        final List<Future<List<InetAddress>>> askers = new ArrayList<>(1);
        volatile boolean wanted; // by an asker; the loop writes, the pool's thread reads it once

        Question(String host) {
            this.host = host;
        }

        boolean isAwaited() {
            return askers.stream().anyMatch(asker -> !asker.isDone());
        }

        /// On a thread of the pool; null if nobody waits any more.
        InetAddress @Nullable [] lookUp() throws UnknownHostException {
            return wanted ? SystemResolver.lookUp(host) : null;
        }
    }
}
