package asyncio.spi;

/// The oldest job first.
///
/// Threads: immutable.
final class FifoOrder implements ReadyOrder {
    static final FifoOrder INSTANCE = new FifoOrder();

    private FifoOrder() {}

    @Override
    public int choose(int count) {
        return 0;
    }
}
