package fibers;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/// Runs Java code beneath a native frame: as the comparator of the C library's `qsort`.
public final class NativeCall {
    private final Steps.Code code;
    private boolean ran;
    private @Nullable Throwable thrown;

    private NativeCall(Steps.Code code) {
        this.code = code;
    }

    /// Runs the code once and returns what it threw; an exception must not cross a native frame.
    @SuppressWarnings("restricted") // the C library's own function
    static @Nullable Throwable run(Steps.Code code) {
        NativeCall call = new NativeCall(code);
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle sort = linker.downcallHandle(
                    linker.defaultLookup().find("qsort").orElseThrow(),
                    FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS));
            MethodHandle compare = MethodHandles.lookup()
                    .findVirtual(
                            NativeCall.class,
                            "compare",
                            MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class))
                    .bindTo(call);
            MemorySegment comparator =
                    linker.upcallStub(compare, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), arena);
            sort.invoke(arena.allocate(JAVA_LONG, 2), 2L, JAVA_LONG.byteSize(), comparator);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (!call.ran) {
            throw new AssertionError("the native function did not call back");
        }
        return call.thrown;
    }

    /// Called by the native function.
    int compare(MemorySegment left, MemorySegment right) {
        if (!ran) {
            ran = true;
            try {
                code.run();
            } catch (Throwable e) {
                thrown = e;
            }
        }
        return 0;
    }
}
