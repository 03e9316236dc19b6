package asyncio.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Bytes that were received and not read yet.
///
/// Threads: loop-confined.
final class ReadBuffer {
    /*
     * The bytes lie in array[first..end). While there are many, the array is the loop's big one; it goes back when it
     * is read empty, or, before a wait, when little is left. A read of a known length gets an array of that length as
     * it grows, which is then handed out without a copy.
     */
    private static final byte[] NONE = {};
    private static final int MAX_AT_ONCE = 1 << 20; // a length that a peer has named is not believed beyond this

    private final LoopBuffers buffers;
    private byte[] array = NONE;
    private int first;
    private int end;

    ReadBuffer(LoopBuffers buffers) {
        this.buffers = buffers;
    }

    int size() {
        return end - first;
    }

    boolean isEmpty() {
        return first == end;
    }

    byte at(int index) {
        return array[first + index];
    }

    /// Adds what was received.
    ///
    /// @param source the bytes
    /// @param expectedBytes how many there will be in all; 0 if that is not known
    void append(ByteBuffer source, int expectedBytes) {
        int added = source.remaining();
        if (array.length - end < added) {
            makeRoom(Math.addExact(size(), added), expectedBytes);
        }
        source.get(array, end, added);
        end += added;
    }

    private void makeRoom(int needed, int expectedBytes) {
        int size = size();
        byte[] roomy = array;
        if (needed > array.length || size > array.length / 2) { // else moving what is left is cheap
            roomy = expectedBytes > LoopBuffers.SIZE_BYTES || needed > LoopBuffers.SIZE_BYTES
                    ? new byte[capacity(needed, expectedBytes)]
                    : buffers.takeArray();
        }
        byte[] before = array;
        System.arraycopy(before, first, roomy, 0, size);
        array = roomy;
        first = 0;
        end = size;
        if (before != roomy) {
            giveBack(before);
        }
    }

    private int capacity(int needed, int expectedBytes) {
        int doubled = (int) Math.min(2L * Math.max(needed, MAX_AT_ONCE / 2), Integer.MAX_VALUE - 8L);
        return expectedBytes >= needed ? Math.min(expectedBytes, doubled) : Math.max(needed, doubled);
    }

    private void giveBack(byte[] unused) {
        if (unused.length == LoopBuffers.SIZE_BYTES) {
            buffers.giveArray(unused);
        }
    }

    /// Takes the oldest bytes out.
    byte[] take(int countBytes) {
        byte[] taken;
        if (first == 0 && countBytes == end && countBytes == array.length) {
            taken = array;
            array = NONE;
            end = 0;
        } else {
            taken = Arrays.copyOfRange(array, first, first + countBytes);
            drop(countBytes);
        }
        return taken;
    }

    byte[] takeAll() {
        return take(size());
    }

    /// Takes as many of the oldest bytes out as there is room for.
    int takeInto(ByteBuffer target) {
        int count = Math.min(size(), target.remaining());
        target.put(array, first, count);
        drop(count);
        return count;
    }

    void drop(int countBytes) {
        first += countBytes;
        if (first == end) {
            giveBack(array);
            array = NONE;
            first = 0;
            end = 0;
        }
    }

    /// Lets a big array go if it holds little: called before a wait, which may be long.
    void shrink() {
        if (array.length == LoopBuffers.SIZE_BYTES && size() <= array.length / 4) {
            byte[] big = array;
            array = Arrays.copyOfRange(big, first, end);
            end -= first;
            first = 0;
            giveBack(big);
        }
    }
}
