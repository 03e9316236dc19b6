package asyncio.stream;

/// How much a connection may keep to be sent before its writer is asked to pause, and how far that
/// must fall before it may go on.
///
/// Threads: immutable.
///
/// @param highBytes above this much, writing pauses
/// @param lowBytes at this much or less, writing goes on
public record WaterMarks(int highBytes, int lowBytes) {
    /// 64 KiB and 16 KiB.
    public static final WaterMarks DEFAULT = high(65536);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if not `high >= low >= 0`
    public WaterMarks {
        if (highBytes < lowBytes || lowBytes < 0) {
            throw new IllegalArgumentException(
                    "high must be >= low, and low >= 0: got high " + highBytes + " and low " + lowBytes);
        }
    }

    /// A high mark; the low one is a quarter of it.
    ///
    /// @param highBytes above this much, writing pauses
    /// @return new marks
    public static WaterMarks high(int highBytes) {
        return new WaterMarks(highBytes, highBytes / 4);
    }

    /// A low mark; the high one is four times that.
    ///
    /// @param lowBytes at this much or less, writing goes on
    /// @return new marks
    public static WaterMarks low(int lowBytes) {
        return new WaterMarks((int) Math.min(4L * lowBytes, Integer.MAX_VALUE), lowBytes);
    }
}
