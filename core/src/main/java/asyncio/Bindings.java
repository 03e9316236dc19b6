package asyncio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The values of context variables at one moment.
///
/// A sorted-by-insertion array that is copied on change: contexts hold few variables and are copied
/// far more often than changed. Look-up is a scan by identity.
///
/// Threads: immutable.
final class Bindings {
    static final Bindings EMPTY = new Bindings(new @Nullable Object[0]);

    static final Object UNSET = new Object(); // returned where a variable has no value: null is a value

    private final @Nullable Object[] pairs; // variable, value, variable, value, ...

    private Bindings(@Nullable Object[] pairs) {
        this.pairs = pairs;
    }

    @Nullable
    Object get(ContextVar<?> variable) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] == variable) {
                return pairs[i + 1];
            }
        }
        return UNSET;
    }

    Bindings with(ContextVar<?> variable, @Nullable Object value) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] == variable) {
                @Nullable Object[] changed = pairs.clone();
                changed[i + 1] = value;
                return new Bindings(changed);
            }
        }
        @Nullable Object[] longer = Arrays.copyOf(pairs, pairs.length + 2);
        longer[pairs.length] = variable;
        longer[pairs.length + 1] = value;
        return new Bindings(longer);
    }

    Bindings without(ContextVar<?> variable) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] == variable) {
                @Nullable Object[] shorter = new @Nullable Object[pairs.length - 2];
                System.arraycopy(pairs, 0, shorter, 0, i);
                System.arraycopy(pairs, i + 2, shorter, i, pairs.length - i - 2);
                return new Bindings(shorter);
            }
        }
        return this;
    }

    int size() {
        return pairs.length / 2;
    }
}
