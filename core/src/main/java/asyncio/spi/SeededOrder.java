package asyncio.spi;

import java.util.SplittableRandom;

/// A uniformly drawn job, the same ones for the same seed.
///
/// Threads: loop-confined.
final class SeededOrder implements ReadyOrder {
    private final long seed;
    private final SplittableRandom random;

    SeededOrder(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
    }

    @Override
    public int choose(int count) {
        return random.nextInt(count);
    }

    @Override
    public String toString() {
        return "<SeededOrder seed=" + seed + ">";
    }
}
