package asyncio;

import asyncio.fiber.EngineKind;
import asyncio.fiber.FiberEngine;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The entry class: everything a program says daily, made for `import static asyncio.Asyncio.*`.
///
/// Threads: what needs a loop is called on that loop's thread; [#run(Coroutine)], [#async(Body)]
/// and [#runCoroutineThreadsafe(Coroutine, EventLoop)] on any thread.
///
/// Wherever a coroutine is accepted, so is the code of one: `createTask(() -> ...)` is
/// `createTask(async(() -> ...))`.
public final class Asyncio {
    private Asyncio() {}

    // Coroutines

    /// Makes a coroutine: an object that runs its code when it is awaited or scheduled, and not
    /// before.
    ///
    /// @param body the code, which may await anywhere, also in the plain methods that it calls
    /// @param <T> its result
    /// @return a new coroutine, single-use
    public static <T extends @Nullable Object> Coroutine<T> async(Body<T> body) {
        return new Coroutine<>(Objects.requireNonNull(body, "body must not be null"));
    }

    /// Makes a coroutine without a result.
    ///
    /// @param body the code
    /// @return a new coroutine, single-use
    public static Coroutine<@Nullable Void> async(VoidBody body) {
        return new Coroutine<>(
                Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// Waits for a result. Does not suspend if it is there: then nobody else runs in between.
    ///
    /// A coroutine runs inline, in the calling task. While the task waits for a future, others run.
    ///
    /// Cancellation: cancels what is awaited, and throws [CancelledError].
    ///
    /// @param awaitable a coroutine, a future or a task
    /// @param <T> its result
    /// @return its result
    /// @throws CancelledError if this task, or what it awaits, is cancelled
    /// @throws IllegalStateException outside a task; for a coroutine that was used; for a future of
    ///     another loop; for the task itself; where the thread cannot suspend (a native frame or
    ///     class initialiser is on the stack, AS205)
    public static <T extends @Nullable Object> T await(Awaitable<T> awaitable) {
        if (awaitable instanceof Future<T> future) {
            return future.await();
        }
        return ((Coroutine<T>) Objects.requireNonNull(awaitable, "awaitable must not be null")).awaitInline();
    }

    /// Waits for a result as [#await(Awaitable)], declaring a checked exception so that it can be
    /// caught.
    ///
    /// Cancellation: as [#await(Awaitable)].
    ///
    /// @param awaitable a coroutine, a future or a task
    /// @param declared the exception that it may fail with
    /// @param <T> its result
    /// @param <E> the exception
    /// @return its result
    /// @throws E if it fails so
    public static <T extends @Nullable Object, E extends Exception> T await(Awaitable<T> awaitable, Class<E> declared)
            throws E {
        Objects.requireNonNull(declared, "declared must not be null: name the exception class to be declared");
        return await(awaitable);
    }

    /// Waits for a stage of another library, such as a `CompletableFuture`. Its failure is thrown
    /// without the `CompletionException` around it.
    ///
    /// Cancellation: cancels the stage, and throws [CancelledError].
    ///
    /// @param stage the stage, completed by any thread
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException outside a task
    public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        Objects.requireNonNull(stage, "stage must not be null");
        return StageBridge.toFuture(stage, Task.required().loop()).await();
    }

    /// Waits for a time; the other tasks run meanwhile.
    ///
    /// Cancellation: ends the wait and removes the timer.
    ///
    /// @param delay how long; zero or less: one trip through the ready queue; 292 years or more:
    ///     for ever
    /// @return a coroutine
    public static Coroutine<@Nullable Void> sleep(Duration delay) {
        return Asyncio.<@Nullable Void>sleep(delay, null);
    }

    /// Waits for a time and returns a value.
    ///
    /// Cancellation: ends the wait and removes the timer.
    ///
    /// @param delay how long; zero or less: one trip through the ready queue
    /// @param result the value
    /// @param <T> its type
    /// @return a coroutine of the value
    public static <T extends @Nullable Object> Coroutine<T> sleep(Duration delay, T result) {
        return new Coroutine<>(new SleepBody<>(Durations.nanos(delay, "delay"), result));
    }

    /// Makes a generator, which yields values one by one as its consumer asks for them.
    ///
    /// @param body the code
    /// @param <T> what it yields
    /// @return a new generator
    public static <T> AsyncGenerator<T> generator(GeneratorBody<T> body) {
        return new AsyncGenerator<>(Objects.requireNonNull(body, "body must not be null"));
    }

    // Programs

    /// Runs a program: makes a loop, runs a coroutine, shuts down, closes the loop.
    ///
    /// The shutdown cancels the tasks that are left and waits for them, closes generators and waits
    /// for the default executor. See [Runner] for what Ctrl-C and SIGTERM do.
    ///
    /// @param main the program
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException inside a running loop; the coroutine is then unused: await it
    ///     instead (AS204)
    /// @throws KeyboardInterrupt if Ctrl-C ended the program
    public static <T extends @Nullable Object> T run(Coroutine<T> main) {
        return run(main, RunOptions.defaults());
    }

    /// Runs a program in debug mode, or without it, whatever property and environment say.
    ///
    /// @param main the program
    /// @param debug whether debug mode is on
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException inside a running loop
    public static <T extends @Nullable Object> T run(Coroutine<T> main, boolean debug) {
        return run(main, RunOptions.defaults().debug(debug));
    }

    /// Runs a program with options.
    ///
    /// @param main the program
    /// @param options how it is run
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException inside a running loop
    public static <T extends @Nullable Object> T run(Coroutine<T> main, RunOptions options) {
        Objects.requireNonNull(main, "main must not be null");
        Runner.ensureNoLoopRuns("asyncio.run()");
        try (Runner runner = Runner.create(options)) {
            return runner.run(main);
        }
    }

    /// Runs a program, as [#run(Coroutine)] does.
    ///
    /// @param main the program
    /// @param <T> its result
    /// @return its result
    public static <T extends @Nullable Object> T run(Body<T> main) {
        return run(async(main));
    }

    /// Runs a program without a result, as [#run(Coroutine)] does.
    ///
    /// @param main the program
    public static void run(VoidBody main) {
        run(async(main));
    }

    /// Runs a program in debug mode, or without it.
    ///
    /// @param main the program
    /// @param debug whether debug mode is on
    /// @throws IllegalStateException inside a running loop
    public static void run(VoidBody main, boolean debug) {
        run(async(main), debug);
    }

    /// Runs a program in debug mode, or without it.
    ///
    /// @param main the program
    /// @param debug whether debug mode is on
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException inside a running loop
    public static <T extends @Nullable Object> T run(Body<T> main, boolean debug) {
        return run(async(main), debug);
    }

    /// Runs a program with options.
    ///
    /// @param main the program
    /// @param options how it is run
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException inside a running loop
    public static <T extends @Nullable Object> T run(Body<T> main, RunOptions options) {
        return run(async(main), options);
    }

    /// Runs a program without a result, with options.
    ///
    /// @param main the program
    /// @param options how it is run
    /// @throws IllegalStateException inside a running loop
    public static void run(VoidBody main, RunOptions options) {
        run(async(main), options);
    }

    // Tasks

    /// Runs a coroutine concurrently, on the running loop, from the next iteration on.
    ///
    /// A failure that nobody awaits is reported (AS102). Prefer a [TaskGroup], which owns its
    /// tasks.
    ///
    /// @param coroutine the coroutine
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if no loop runs here, or the coroutine was used
    public static <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return EventLoop.running().createTask(coroutine);
    }

    /// Runs a coroutine concurrently, under a name.
    ///
    /// @param coroutine the coroutine
    /// @param name the task's name
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if no loop runs here, or the coroutine was used
    public static <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine, String name) {
        return createTask(coroutine, TaskOptions.named(name));
    }

    /// Runs a coroutine concurrently, with a name, a context, or an eager start.
    ///
    /// @param coroutine the coroutine
    /// @param options name, context and start
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if no loop runs here, or the coroutine was used
    public static <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine, TaskOptions options) {
        return EventLoop.running().createTask(coroutine, options);
    }

    /// Runs code concurrently, as [#createTask(Coroutine)] does.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return its task
    public static <T extends @Nullable Object> Task<T> createTask(Body<T> body) {
        return createTask(async(body));
    }

    /// Runs code concurrently, as [#createTask(Coroutine)] does.
    ///
    /// @param body the code
    /// @return its task
    public static Task<@Nullable Void> createTask(VoidBody body) {
        return createTask(async(body));
    }

    /// Runs code concurrently, under a name.
    ///
    /// @param body the code
    /// @param name the task's name
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if no loop runs here
    public static <T extends @Nullable Object> Task<T> createTask(Body<T> body, String name) {
        return createTask(async(body), name);
    }

    /// Runs code concurrently, under a name.
    ///
    /// @param body the code
    /// @param name the task's name
    /// @return its task
    /// @throws IllegalStateException if no loop runs here
    public static Task<@Nullable Void> createTask(VoidBody body, String name) {
        return createTask(async(body), name);
    }

    /// A future for an awaitable, on the running loop.
    ///
    /// @param awaitable a coroutine, which is made a task, or a future, which is returned as it is
    /// @param <T> its result
    /// @return the future
    /// @throws IllegalStateException if no loop runs here
    /// @throws IllegalArgumentException if it is a future of another loop
    public static <T extends @Nullable Object> Future<T> ensureFuture(Awaitable<T> awaitable) {
        return EventLoop.running().ensureFuture(awaitable);
    }

    /// The task that runs the calling code.
    ///
    /// @return the task, or null in a callback
    /// @throws IllegalStateException if no loop runs here
    public static @Nullable Task<?> currentTask() {
        EventLoop.running();
        return Current.task();
    }

    /// The tasks of the running loop that are not done.
    ///
    /// @return the tasks, oldest first
    /// @throws IllegalStateException if no loop runs here
    public static List<Task<?>> allTasks() {
        return EventLoop.running().allTasks();
    }

    /// The loop that runs the calling code.
    ///
    /// @return the loop
    /// @throws IllegalStateException if none does
    public static EventLoop getRunningLoop() {
        return EventLoop.running();
    }

    /// Makes a loop for callers who run and close it themselves; most use [#run(Coroutine)].
    ///
    /// @return a new loop
    public static EventLoop newEventLoop() {
        return EventLoop.create();
    }

    // Structured concurrency

    /// Runs a body that owns tasks: none outlives the group, and the failure of one cancels the
    /// others.
    ///
    /// Cancellation: cancels the tasks and waits for them; see [TaskGroup].
    ///
    /// @param body gets the group; a lambda with a block, so that Java can tell whether there is a
    ///     result
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [ExceptionGroup] if the body or tasks failed
    public static <T extends @Nullable Object> Coroutine<T> taskGroup(GroupBody<T> body) {
        return TaskGroup.create().run(body);
    }

    /// Runs a body without a result that owns tasks.
    ///
    /// Cancellation: cancels the tasks and waits for them; see [TaskGroup].
    ///
    /// @param body gets the group
    /// @return a coroutine; it throws [ExceptionGroup] if the body or tasks failed
    @SuppressWarnings("overloads") // a block lambda is told apart by whether it returns a value
    public static Coroutine<@Nullable Void> taskGroup(VoidGroupBody body) {
        return TaskGroup.create().run(body);
    }

    /// Runs a body that owns tasks, with a limit on how many run at the same time, or with another
    /// rule for which of them are waited for.
    ///
    /// Cancellation: cancels the tasks and waits for them; see [TaskGroup].
    ///
    /// @param options limit and join policy
    /// @param body gets the group
    /// @param <T> its result
    /// @return a coroutine, as that of [#taskGroup(GroupBody)]
    public static <T extends @Nullable Object> Coroutine<T> taskGroup(GroupOptions options, GroupBody<T> body) {
        return TaskGroup.create(options).run(body);
    }

    /// Runs a body without a result that owns tasks, with a limit or a join policy.
    ///
    /// Cancellation: cancels the tasks and waits for them; see [TaskGroup].
    ///
    /// @param options limit and join policy
    /// @param body gets the group
    /// @return a coroutine, as that of [#taskGroup(VoidGroupBody)]
    @SuppressWarnings("overloads") // a block lambda is told apart by whether it returns a value
    public static Coroutine<@Nullable Void> taskGroup(GroupOptions options, VoidGroupBody body) {
        return TaskGroup.create(options).run(body);
    }

    /// Runs awaitables concurrently until one succeeds: that one wins; the others are cancelled, and
    /// waited for.
    ///
    /// Failures before the first success are forgotten. What a loser fails with while it is being
    /// cancelled is told to the exception handler.
    ///
    /// Cancellation: cancels all of them, and waits for them.
    ///
    /// @param contenders coroutines, which are made tasks, and futures, at least one
    /// @param <T> their result
    /// @return a coroutine of the winner's result; it throws [ExceptionGroup] if all failed, and
    ///     [CancelledError] if all ended cancelled
    /// @throws IllegalArgumentException if there are none
    public static <T extends @Nullable Object> Coroutine<T> race(
            Collection<? extends Awaitable<? extends T>> contenders) {
        return Race.of(contenders);
    }

    /// Runs awaitables concurrently until one succeeds, as [#race(Collection)].
    ///
    /// Cancellation: cancels all of them, and waits for them.
    ///
    /// @param contenders coroutines, which are made tasks, and futures, at least one
    /// @param <T> their result
    /// @return a coroutine of the winner's result
    /// @throws IllegalArgumentException if there are none
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> Coroutine<T> race(Awaitable<? extends T>... contenders) {
        return Race.of(Arrays.asList(contenders));
    }

    // Scopes and deadlines

    /// Runs code for a time at most, and goes on without an error if it has not ended by then.
    ///
    /// Cancellation: passes through; see [CancelScope].
    ///
    /// @param delay how long the code may take; zero: until its first suspension
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; empty if the time was over, or if the result is null
    /// @throws IllegalArgumentException if the delay is negative
    public static <T extends @Nullable Object> Coroutine<Optional<T>> moveOnAfter(Duration delay, Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return CancelScope.after(delay).run((ScopeBody<T>) scope -> body.run());
    }

    /// Runs code without a result for a time at most, and goes on without an error.
    ///
    /// Cancellation: passes through; see [CancelScope].
    ///
    /// @param delay how long the code may take; zero: until its first suspension
    /// @param body the code
    /// @return a coroutine of true if the code ran to its end, and false if the time was over
    /// @throws IllegalArgumentException if the delay is negative
    public static Coroutine<Boolean> moveOnAfter(Duration delay, VoidBody body) {
        Objects.requireNonNull(body, "body must not be null");
        return CancelScope.after(delay).run((VoidScopeBody) scope -> body.run());
    }

    /// Runs code for a time at most, in a [CancelScope]: unlike [#timeout(Duration, Body)], code
    /// that swallows the cancellation is cancelled again at its next suspension.
    ///
    /// Cancellation: passes through; see [CancelScope].
    ///
    /// @param delay how long the code may take; zero: until its first suspension
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [TimeoutException] if the time was over
    /// @throws IllegalArgumentException if the delay is negative
    public static <T extends @Nullable Object> Coroutine<T> failAfter(Duration delay, Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        CancelScope scope = CancelScope.after(delay);
        return new Coroutine<>(() -> scope.runOrFail(body));
    }

    /// Runs code without a result for a time at most, as [#failAfter(Duration, Body)].
    ///
    /// Cancellation: passes through; see [CancelScope].
    ///
    /// @param delay how long the code may take; zero: until its first suspension
    /// @param body the code
    /// @return a coroutine; it throws [TimeoutException] if the time was over
    /// @throws IllegalArgumentException if the delay is negative
    public static Coroutine<@Nullable Void> failAfter(Duration delay, VoidBody body) {
        return failAfter(
                delay, Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// Runs code that a cancellation from outside does not reach, for a time at most: for clean-up
    /// that must await, in a `finally` block for instance.
    ///
    /// Cancellation: waits outside until the code has ended. When the grace period is over, the code
    /// is cancelled, which is no error.
    ///
    /// @param grace how long the code may take
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; empty if the grace period was over, or the result is null
    /// @throws IllegalArgumentException if the grace period is negative
    public static <T extends @Nullable Object> Coroutine<Optional<T>> shielded(Duration grace, Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return CancelScope.after(grace).shield(true).run((ScopeBody<T>) scope -> body.run());
    }

    /// Runs code without a result that a cancellation from outside does not reach, as
    /// [#shielded(Duration, Body)].
    ///
    /// Cancellation: waits outside until the code has ended.
    ///
    /// @param grace how long the code may take
    /// @param body the code
    /// @return a coroutine of true if the code ran to its end, and false if the grace period was over
    /// @throws IllegalArgumentException if the grace period is negative
    public static Coroutine<Boolean> shielded(Duration grace, VoidBody body) {
        Objects.requireNonNull(body, "body must not be null");
        return CancelScope.after(grace).shield(true).run((VoidScopeBody) scope -> body.run());
    }

    /// When the code that calls this is interrupted at the latest: the earliest deadline of the
    /// timeouts and scopes around it, up to a shield.
    ///
    /// @return a time of [EventLoop#time()]; now, if a scope around it is cancelled; empty if there is
    ///     no deadline
    /// @throws IllegalStateException outside a task
    public static Optional<Duration> currentDeadline() {
        return Scope.currentDeadline(Task.required());
    }

    /// Bounds the time of a body.
    ///
    /// Cancellation: passes through.
    ///
    /// @param delay how long the body may take; zero or less: until its first suspension
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [TimeoutException] if the deadline interrupted
    ///     the code
    public static <T extends @Nullable Object> Coroutine<T> timeout(Duration delay, Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return Timeout.after(delay).run((TimeoutBody<T>) scope -> body.run());
    }

    /// Bounds the time of a body without a result.
    ///
    /// Cancellation: passes through.
    ///
    /// @param delay how long the body may take; zero or less: until its first suspension
    /// @param body the code
    /// @return a coroutine; it throws [TimeoutException] if the deadline interrupted the code
    public static Coroutine<@Nullable Void> timeout(Duration delay, VoidBody body) {
        return timeout(
                delay, Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// A timeout for code that moves its own deadline: `await(timeout(delay).run(scope -> ...))`.
    ///
    /// @param delay how long the code may take, counted from its start
    /// @return a new timeout
    public static Timeout timeout(Duration delay) {
        return Timeout.after(delay);
    }

    /// Bounds the time of a body by a time of [EventLoop#time()].
    ///
    /// Cancellation: passes through.
    ///
    /// @param when the deadline
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [TimeoutException] if the deadline interrupted
    ///     the code
    public static <T extends @Nullable Object> Coroutine<T> timeoutAt(Duration when, Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return Timeout.at(when).run((TimeoutBody<T>) scope -> body.run());
    }

    /// Bounds the time of a body without a result by a time of [EventLoop#time()].
    ///
    /// Cancellation: passes through.
    ///
    /// @param when the deadline
    /// @param body the code
    /// @return a coroutine; it throws [TimeoutException] if the deadline interrupted the code
    public static Coroutine<@Nullable Void> timeoutAt(Duration when, VoidBody body) {
        return timeoutAt(
                when, Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// A timeout at a time of [EventLoop#time()], for code that moves its own deadline.
    ///
    /// @param when the deadline
    /// @return a new timeout
    public static Timeout timeoutAt(Duration when) {
        return Timeout.at(when);
    }

    /// Waits with a limit. A coroutine runs in the calling task.
    ///
    /// When the limit passes, what is awaited is cancelled, and waited for. With no time at all,
    /// what is not done is cancelled at once: a coroutine does not start.
    ///
    /// Cancellation: cancels what is awaited.
    ///
    /// @param awaitable a coroutine, a future or a task
    /// @param timeout the limit
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [TimeoutException] if the limit passed
    public static <T extends @Nullable Object> Coroutine<T> waitFor(Awaitable<T> awaitable, Duration timeout) {
        return Waiting.withLimit(awaitable, timeout);
    }

    /// Waits with a limit for code, which runs in the calling task.
    ///
    /// Cancellation: cancels the code.
    ///
    /// @param body the code
    /// @param timeout the limit
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [TimeoutException] if the limit passed
    public static <T extends @Nullable Object> Coroutine<T> waitFor(Body<T> body, Duration timeout) {
        return waitFor(async(body), timeout);
    }

    /// Keeps an awaitable from being cancelled along with those who await it.
    ///
    /// If the outer future is cancelled, the inner one goes on; should it fail then, the exception
    /// handler is told. [#shield(Coroutine, TaskGroup)] gives it an owner.
    ///
    /// @param awaitable a coroutine, which is made a task, or a future
    /// @param <T> its result
    /// @return a future of its result; the awaitable itself if it is done
    /// @throws IllegalStateException if no loop runs here
    public static <T extends @Nullable Object> Future<T> shield(Awaitable<T> awaitable) {
        return Shield.of(EventLoop.running(), awaitable);
    }

    /// Keeps a coroutine from being cancelled along with those who await it, as a child of a group:
    /// the group waits for it, cancels it if it must, and throws its failure.
    ///
    /// @param coroutine what the child runs
    /// @param owner a group that was entered
    /// @param <T> its result
    /// @return a future of its result; cancelling it leaves the child alone
    /// @throws IllegalStateException if the group takes no tasks, or the coroutine was used
    public static <T extends @Nullable Object> Future<T> shield(Coroutine<T> coroutine, TaskGroup owner) {
        return Shield.of(coroutine, owner);
    }

    /// Runs awaitables concurrently and collects their results, in the order of the arguments.
    ///
    /// The first failure is thrown at once; the others go on: [#gatherOrCancel(Awaitable...)] cancels
    /// them. Cancelling the future cancels all. For results of several types see [Gather].
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return a future of the list of results
    /// @throws IllegalStateException if no loop runs here
    /// @throws IllegalArgumentException if one is a future of another loop
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> Future<List<T>> gather(Awaitable<? extends T>... awaitables) {
        return gather(Arrays.asList(awaitables));
    }

    /// Runs awaitables concurrently and collects their results, as [#gather(Awaitable...)] does.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return a future of the list of results
    public static <T extends @Nullable Object> Future<List<T>> gather(
            Collection<? extends Awaitable<? extends T>> awaitables) {
        return GatherFuture.of(EventLoop.running(), awaitables, GatherFuture.Mode.RESULTS);
    }

    /// Runs awaitables concurrently and collects how each ended: asyncio's `gather(...,
    /// return_exceptions=True)`.
    ///
    /// Cancelling the future cancels all of them, and ends when the last has ended.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return a future of the list of outcomes, in the order of the arguments
    /// @throws IllegalStateException if no loop runs here
    /// @throws IllegalArgumentException if one is a future of another loop
    public static <T extends @Nullable Object> Future<List<Outcome<T>>> gatherOutcomes(
            Collection<? extends Awaitable<? extends T>> awaitables) {
        return GatherFuture.of(EventLoop.running(), awaitables, GatherFuture.Mode.OUTCOMES);
    }

    /// Collects how awaitables end, as [#gatherOutcomes(Collection)] does.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return a future of the list of outcomes, in the order of the arguments
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> Future<List<Outcome<T>>> gatherOutcomes(
            Awaitable<? extends T>... awaitables) {
        return gatherOutcomes(Arrays.asList(awaitables));
    }

    /// Runs awaitables concurrently and collects their results; the first that fails, or ends
    /// cancelled, cancels the others, and is thrown when all have ended.
    ///
    /// Further failures are suppressed in the first. Cancelling the future works alike.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return a future of the list of results, in the order of the arguments
    public static <T extends @Nullable Object> Future<List<T>> gatherOrCancel(
            Collection<? extends Awaitable<? extends T>> awaitables) {
        return GatherFuture.of(EventLoop.running(), awaitables, GatherFuture.Mode.ALL_OR_NONE);
    }

    /// Collects results or cancels, as [#gatherOrCancel(Collection)] does.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return a future of the list of results, in the order of the arguments
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> Future<List<T>> gatherOrCancel(Awaitable<? extends T>... awaitables) {
        return gatherOrCancel(Arrays.asList(awaitables));
    }

    /// Waits until some or all of several futures are done: asyncio's `wait`. Never cancels them.
    ///
    /// Cancellation: ends the wait; the futures go on.
    ///
    /// @param futures tasks and futures, at least one
    /// @param returnWhen when to return
    /// @param <T> their result
    /// @return a coroutine of those that are done and those that are not
    /// @throws IllegalArgumentException if there are no futures
    public static <T extends @Nullable Object> Coroutine<WaitResult<T>> waitUntil(
            Collection<? extends Future<? extends T>> futures, ReturnWhen returnWhen) {
        return Waiting.until(futures, returnWhen, null);
    }

    /// Waits until some or all of several futures are done, or a time has passed, which is no
    /// error.
    ///
    /// Cancellation: ends the wait; the futures go on.
    ///
    /// @param futures tasks and futures, at least one
    /// @param returnWhen when to return
    /// @param timeout how long to wait at most
    /// @param <T> their result
    /// @return a coroutine of those that are done and those that are not
    /// @throws IllegalArgumentException if there are no futures
    public static <T extends @Nullable Object> Coroutine<WaitResult<T>> waitUntil(
            Collection<? extends Future<? extends T>> futures, ReturnWhen returnWhen, Duration timeout) {
        return Waiting.until(futures, returnWhen, Objects.requireNonNull(timeout, "timeout must not be null"));
    }

    /// Runs awaitables concurrently and gives them in the order in which they end.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param <T> their result
    /// @return to be iterated over in a task: gives coroutines of the results, or the futures
    public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
            Collection<? extends Awaitable<? extends T>> awaitables) {
        return Waiting.inCompletionOrder(awaitables, null);
    }

    /// Gives awaitables in the order in which they end, for a limited time; the others run on.
    ///
    /// @param awaitables coroutines, which are made tasks, and futures
    /// @param timeout the limit for all of them together, from now on
    /// @param <T> their result
    /// @return to be iterated over in a task; steps after the limit throw [TimeoutException]
    public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
            Collection<? extends Awaitable<? extends T>> awaitables, Duration timeout) {
        return Waiting.inCompletionOrder(awaitables, Objects.requireNonNull(timeout, "timeout must not be null"));
    }

    /// Takes down where the running task is, and who awaits it.
    ///
    /// @return the graph; empty in a callback
    /// @throws IllegalStateException if no loop runs here
    public static Optional<FutureCallGraph> captureCallGraph() {
        return Optional.ofNullable(currentTask()).map(Asyncio::captureCallGraph);
    }

    /// Takes down where a task is, and who awaits it; [FutureCallGraph] has the ways to bound it.
    ///
    /// @param future the task, or a future, which has no stack of its own
    /// @return the graph
    public static FutureCallGraph captureCallGraph(Future<?> future) {
        return FutureCallGraph.capture(future, 0, Integer.MAX_VALUE);
    }

    /// Describes [#captureCallGraph(Future)].
    ///
    /// @param future the task or future
    /// @return lines, without a line break at the end
    public static String formatCallGraph(Future<?> future) {
        return captureCallGraph(future).format();
    }

    /// Prints [#captureCallGraph()]; nothing in a callback.
    ///
    /// @param out where to
    public static void printCallGraph(PrintStream out) {
        captureCallGraph().ifPresent(graph -> graph.print(out));
    }

    // Threads

    /// Runs blocking code on a thread of the default executor, in a copy of the caller's context.
    ///
    /// Cancellation: returns at once; code that has begun goes on, and the program waits for it at
    /// its end. [#checkCancelled()] tells the code.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result
    public static <T extends @Nullable Object> Coroutine<T> toThread(Body<T> body) {
        return toThread(body, ThreadOptions.DEFAULT);
    }

    /// Runs blocking code without a result on a thread of the default executor.
    ///
    /// Cancellation: as [#toThread(Body)].
    ///
    /// @param body the code
    /// @return a coroutine
    public static Coroutine<@Nullable Void> toThread(VoidBody body) {
        return toThread(body, ThreadOptions.DEFAULT);
    }

    /// Runs blocking code on a thread of the default executor, in a copy of the caller's context, with a
    /// limiter, interrupts, or a caller that waits for the end of the code.
    ///
    /// Cancellation: code that has not begun never does. Code that runs is interrupted if it is
    /// interruptible. The caller returns at once, or, if the code is awaited, when the code has ended:
    /// it is cancelled all the same, and what the code failed with is suppressed in the [CancelledError].
    ///
    /// @param body the code
    /// @param options how to run it
    /// @param <T> its result
    /// @return a coroutine of its result
    public static <T extends @Nullable Object> Coroutine<T> toThread(Body<T> body, ThreadOptions options) {
        Objects.requireNonNull(body, "body must not be null");
        Objects.requireNonNull(options, "options must not be null: ThreadOptions.DEFAULT");
        return async(() -> ExecutorCall.await(EventLoop.running(), body, options));
    }

    /// Runs blocking code without a result on a thread of the default executor, as
    /// [#toThread(Body, ThreadOptions)].
    ///
    /// Cancellation: as [#toThread(Body, ThreadOptions)].
    ///
    /// @param body the code
    /// @param options how to run it
    /// @return a coroutine
    public static Coroutine<@Nullable Void> toThread(VoidBody body, ThreadOptions options) {
        return toThread(Objects.requireNonNull(body, "body must not be null").returningNull(), options);
    }

    /// Throws if nobody wants the result of the calling code any more: for long computations on a thread
    /// that [#toThread(Body)] or [EventLoop#runInExecutor] gave them, which no await can cancel.
    ///
    /// Sees it as soon as the task that waits was cancelled, whether that waits on or has left.
    ///
    /// @throws CancelledError if the task that waits for the code, or its future, was cancelled
    /// @throws IllegalStateException on any other thread; a task is cancelled where it awaits
    public static void checkCancelled() {
        WorkerCall.checkCancelled();
    }

    /// Runs blocking code on the task's own thread, away from the loop: the loop runs the others
    /// meanwhile.
    ///
    /// The code may block freely. It runs on the same thread as the code around it, so that thread
    /// locals, scoped values, context variables and whatever else belongs to a thread are there; then
    /// the thread comes back onto the loop. While it is away, it is a foreign thread to the loop: what
    /// is loop-confined fails (AS201), `await` fails, `callSoonThreadsafe` works. A monitor that is
    /// held around the call stays held; another task that wants it makes the whole loop wait.
    ///
    /// How many run at a time is limited by the loop's [EventLoop#blockingLimiter()].
    ///
    /// Cancellation: interrupts the code, and waits until it ends; then [CancelledError] is raised,
    /// whatever the code returned. What it threw is suppressed in that. Code that has not begun does not
    /// begin. The interrupt is taken back if the code left it; without a cancellation, the
    /// interrupt status is kept as the code left it.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; it throws what the code throws, and
    ///     `IllegalStateException` where the thread cannot leave (a native frame or class initialiser
    ///     is on the stack, AS205)
    public static <T extends @Nullable Object> Coroutine<T> blocking(Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<>(() -> BlockingCall.run(body, null));
    }

    /// Runs blocking code on the task's own thread, away from the loop, as [#blocking(Body)], with
    /// another limit to how many run at a time.
    ///
    /// Cancellation: as [#blocking(Body)]; while it waits for the limiter, ends the wait.
    ///
    /// @param body the code
    /// @param limiter whose token it holds while it runs
    /// @param <T> its result
    /// @return a coroutine of its result
    public static <T extends @Nullable Object> Coroutine<T> blocking(Body<T> body, CapacityLimiter limiter) {
        Objects.requireNonNull(body, "body must not be null");
        Objects.requireNonNull(limiter, "limiter must not be null");
        return new Coroutine<>(() -> BlockingCall.run(body, limiter));
    }

    /// Runs blocking code without a result on the task's own thread, away from the loop, with another
    /// limit to how many run at a time.
    ///
    /// Cancellation: as [#blocking(Body, CapacityLimiter)].
    ///
    /// @param body the code
    /// @param limiter whose token it holds while it runs
    /// @return a coroutine
    public static Coroutine<@Nullable Void> blocking(VoidBody body, CapacityLimiter limiter) {
        return blocking(Objects.requireNonNull(body, "body must not be null").returningNull(), limiter);
    }

    /// Runs blocking code without a result on the task's own thread, away from the loop.
    ///
    /// Cancellation: as [#blocking(Body)].
    ///
    /// @param body the code
    /// @return a coroutine
    public static Coroutine<@Nullable Void> blocking(VoidBody body) {
        return blocking(Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// Runs a coroutine on a loop of another thread.
    ///
    /// Cancelling what is returned cancels the coroutine, without waiting for it. If the loop
    /// closes before the coroutine ends, it is completed with a cancellation.
    ///
    /// @param coroutine the coroutine
    /// @param loop the loop, which runs or will run on another thread
    /// @param <T> its result
    /// @return its result, for the calling thread
    /// @throws IllegalStateException if the loop is closed
    public static <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(
            Coroutine<T> coroutine, EventLoop loop) {
        return ThreadsafeCall.start(coroutine, loop);
    }

    // Engine

    /// The fiber engine that a loop would use here if it is not told otherwise.
    ///
    /// @return `fast` or `baton`
    public static String engine() {
        EngineKind kind = EngineKind.of(System.getProperty("asyncio.engine", "auto"));
        EngineKind chosen =
                kind != EngineKind.AUTO ? kind : FiberEngine.obstacle().isEmpty() ? EngineKind.FAST : EngineKind.BATON;
        return chosen.toString();
    }

    /// What is missing for the fast engine.
    ///
    /// @return a sentence with the exact flag, or an empty string if nothing is missing
    public static String engineAdvice() {
        return FiberEngine.obstacle();
    }

    /// Starts each task inside `createTask`: asyncio's `eager_task_factory`.
    ///
    /// @return the factory, for [EventLoop#setTaskFactory(TaskFactory)]
    public static TaskFactory eagerTaskFactory() {
        return TaskFactory.eager();
    }
}
