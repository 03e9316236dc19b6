package network;

/// Child processes with pipes as systems have them that the poller cannot watch.
class ProcessThreadsTest extends ProcessContract {
    ProcessThreadsTest() {
        super("threads");
    }
}
