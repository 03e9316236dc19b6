package asyncio.benchmarks;

/// The rows of the table of whole processes, with what they are to reach.
///
/// Threads: immutable.
enum Start {
    BARE_JAVA("bareJava", "bare `java`, from a jar", 0),
    HELLO("hello", "asyncio, from jars on the class path", 100),
    HELLO_BATON("helloBaton", "the same, baton engine", 0),
    HELLO_AOT("helloAot", "asyncio, the same jars, with an AOT cache", 65),
    SOURCE_LAUNCHER("sourceLauncher", "bare `java Hello.java`", 0),
    RUN_FIRST("runFirst", "`asyncio run Hello.java`, the first time", 1300),
    RUN_WARM("runWarm", "`asyncio run Hello.java`, unchanged", 200);

    private final String key; // as Result.workload says it
    private final String label;
    private final double limitMillis; // 0: none

    Start(String key, String label, double limitMillis) {
        this.key = key;
        this.label = label;
        this.limitMillis = limitMillis;
    }

    String key() {
        return key;
    }

    String label() {
        return label;
    }

    double limitMillis() {
        return limitMillis;
    }
}
