package asyncio.benchmarks;

/// The rows of the table, with what the fast engine is to reach.
///
/// Threads: immutable.
enum Workload {
    SWITCH_ONE("switchOneTask", "switch (`sleep(0)`), 1 task", 250, 1, 0.3),
    SWITCH_THOUSAND("switchThousandTasks", "switch (`sleep(0)`), 1000 tasks", 250, 1, 0.3),
    CREATE_JOIN("createJoin", "create a task and join it, one suspension", 550, 0, 1),
    GROUP("groupOfHundred", "group of 100 tasks, no suspension, per task", 80, 0, 3),
    AWAIT_FINISHED("awaitFinished", "await a finished future", 4, 0, 0),
    DEADLINE("deadline", "a deadline around one suspension", 500, 0, 0),
    MOVE_ON("moveOn", "the same with `moveOnAfter`", 0, 0, 0),
    CALL_SOON("callSoon", "`callSoon`, per callback", 0, 0, 0),
    THREADSAFE("threadsafeRoundTrip", "`callSoonThreadsafe` to an idle loop and back", 0, 0, 0),
    TIMER("timer:0", "timer armed and cancelled, none outstanding", 100, 0, 0),
    TIMER_1K("timer:1000", "the same, 1 000 outstanding", 100, 0, 0),
    TIMER_100K("timer:100000", "the same, 100 000 outstanding", 100, 0, 0),
    TIMER_1M("timer:1000000", "the same, 1 000 000 outstanding", 100, 0, 0),
    QUEUE_ONE("queueOfOne", "queue hop, capacity 1", 250, 0, 0),
    QUEUE_64("queueOf64", "queue hop, capacity 64", 40, 0, 0),
    QUEUE_UNLIMITED("queueUnlimited", "queue hop, no limit", 0, 0, 0),
    CHANNEL_NONE("channelOfNone", "channel hop, capacity 0", 0, 0, 0),
    CHANNEL_ONE("channelOfOne", "channel hop, capacity 1", 0, 0, 0),
    CHANNEL_64("channelOf64", "channel hop, capacity 64", 0, 0, 0),
    SELECT("selectOfTwo", "`select` over two channels of capacity 0, per item", 0, 0, 0),
    LOCK("lockHandOver", "lock handed over to a task that waits", 0, 0, 0),
    SEMAPHORE("semaphoreHandOver", "the only permit of a semaphore handed over", 0, 0, 0),
    SEMAPHORE_FREE("semaphoreFree", "free permit acquired and released", 0, 0, 0),
    GENERATOR_VALUES("generatorValues", "generator step in a `for` over `values()`", 0, 0, 0),
    GENERATOR_ANEXT("generatorAnext", "generator step by `anext()`", 0, 0, 0),
    BLOCKING("blockingTrip", "`blocking` and back", 0, 0, 0),
    TO_THREAD("toThreadTrip", "`toThread` and back", 0, 0, 0),
    SUSPENDED("suspendedTask", "memory of a suspended task", 800, 0, 0);

    private final String key; // as Result.workload says it
    private final String label;
    private final double limit; // 0: none; in the figure's unit
    private final double timesVirtualThreads; // 0: none
    private final double timesKotlin; // 0: none

    Workload(String key, String label, double limit, double timesVirtualThreads, double timesKotlin) {
        this.key = key;
        this.label = label;
        this.limit = limit;
        this.timesVirtualThreads = timesVirtualThreads;
        this.timesKotlin = timesKotlin;
    }

    String key() {
        return key;
    }

    String label() {
        return label;
    }

    /// The largest figure that is good; zero if nothing is asked for.
    double limit() {
        return limit;
    }

    /// The smallest ratio that is good of virtual threads' figure to ours; zero if none is asked for.
    double timesVirtualThreads() {
        return timesVirtualThreads;
    }

    /// The smallest ratio that is good of Kotlin's figure to ours; zero if none is asked for.
    double timesKotlin() {
        return timesKotlin;
    }
}
