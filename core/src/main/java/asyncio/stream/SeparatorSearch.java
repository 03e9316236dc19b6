package asyncio.stream;

import java.util.Arrays;
import java.util.Comparator;

/// Finds the first end of a separator in bytes that arrive piece by piece; looks at each byte once.
///
/// Threads: loop-confined.
final class SeparatorSearch {
    private static final byte[][] LINE = {{'\n'}};

    private final byte[][] separators; // shorter ones first: of those that end at one place, the shortest counts
    private int lookedAt; // bytes at which no separator ends
    private int length; // of the one that was found

    private SeparatorSearch(byte[][] separators) {
        this.separators = separators;
    }

    static SeparatorSearch ofLine() {
        return new SeparatorSearch(LINE);
    }

    static SeparatorSearch of(byte[] separator, byte[]... more) {
        byte[][] all = new byte[1 + more.length][];
        all[0] = separator.clone();
        for (int i = 0; i < more.length; i++) {
            all[i + 1] = more[i].clone();
        }
        Arrays.sort(all, Comparator.comparingInt(each -> each.length));
        if (all[0].length == 0) {
            throw new IllegalArgumentException("Separator should contain at least one byte: got an empty one");
        }
        return new SeparatorSearch(all);
    }

    /// Looks at what has arrived since the last time.
    ///
    /// @return where the separator begins; -1 if there is none yet
    int find(ReadBuffer buffer) {
        int size = buffer.size();
        for (int last = lookedAt; last < size; last++) {
            byte value = buffer.at(last);
            for (byte[] separator : separators) {
                if (value == separator[separator.length - 1] && endsAt(buffer, last, separator)) {
                    length = separator.length;
                    return last + 1 - length;
                }
            }
        }
        lookedAt = size;
        return -1;
    }

    private static boolean endsAt(ReadBuffer buffer, int last, byte[] separator) {
        int start = last + 1 - separator.length;
        if (start < 0) {
            return false;
        }
        for (int i = 0; i < separator.length - 1; i++) {
            if (buffer.at(start + i) != separator[i]) {
                return false;
            }
        }
        return true;
    }

    /// How long the separator is that was found.
    int length() {
        return length;
    }

    /// Up to where the bytes cannot be part of a separator that is not complete yet.
    int before(ReadBuffer buffer) {
        return Math.max(0, buffer.size() + 1 - separators[separators.length - 1].length);
    }
}
