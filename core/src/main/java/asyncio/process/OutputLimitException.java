package asyncio.process;

import java.io.IOException;

/// A child has written more than its caller allows.
///
/// Threads: immutable.
public final class OutputLimitException extends IOException {
    private static final long serialVersionUID = 1;

    OutputLimitException(String message) {
        super(message);
    }
}
