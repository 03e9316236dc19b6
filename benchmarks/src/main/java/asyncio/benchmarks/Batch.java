package asyncio.benchmarks;

/// How many operations one invocation of a benchmark does, so that entering a loop costs nothing
/// per operation. The same for all subjects.
///
/// Threads: immutable.
final class Batch {
    static final int SWITCHES = 10_000; // of a single task
    static final int TASKS = 1_000; // that take turns
    static final int TURNS = 200; // of each of them: the creation of the task is 0.5 % of the operations
    static final int JOINS = 1_000;
    static final int GROUP = 100; // tasks of one group
    static final int GROUPS = 100;
    static final int FINISHED = 1_000; // different futures, or the compiler takes the await out of the loop
    static final int AWAITS = 10; // of each of them
    static final int DEADLINES = 1_000;
    static final int CALLBACKS = 1_000;
    static final int TIMERS = 10_000;
    static final int HOPS = 10_000;
    static final int HAND_OVERS = 10_000; // of a lock or permit
    static final int ACQUISITIONS = 10_000; // of a permit that is free
    static final int STEPS = 10_000; // of a generator
    static final int CHOICES = 10_000; // even: half of them for each of two channels
    static final int TRIPS = 1_000; // out of the loop and back

    private Batch() {}
}
