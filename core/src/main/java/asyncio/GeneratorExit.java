package asyncio;

/// Thrown inside a generator, where it yielded, when it is closed: its `finally` blocks run, with
/// awaits if need be.
///
/// An `Error`, so that `catch (Exception e)` does not swallow it.
public final class GeneratorExit extends Error {
    private static final long serialVersionUID = 1L;

    GeneratorExit() {
        super("the generator was closed", null, false, false);
    }
}
