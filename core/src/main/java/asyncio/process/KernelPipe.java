package asyncio.process;

import java.io.Closeable;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pipe between this program and a child, with an end that the poller can watch: no thread, and the
/// end of the child and the end of its output are two things.
///
/// Threads: made on a worker's thread; the loop's afterwards.
final class KernelPipe implements Closeable {
    /*
     * The JDK makes pipes that can be watched (java.nio.channels.Pipe), and gives a child any file as its input and
     * output. Linux shows each descriptor of a process as a file, /proc/self/fd/N, and who opens that of a pipe gets a
     * descriptor of his own for the end that he asks for. So a child is given that file: the JDK opens it before it
     * forks, and closes it in this process afterwards. What is left is our end, which alone does not block.
     *
     * Which N? The JDK does not say. So our end is made blocking, non-blocking and blocking again, and each time the
     * flags of all pipes of this process are looked at. Ours does what we did, by all means. If no other one did the
     * same in the same moments, it is ours. If another one did, we look again; in the end, threads do it
     * (BlockingInput). Nothing is opened that could be somebody else's: that might block, or keep a foreign pipe open.
     *
     * No descriptor gets into other children: whatever starts children here is the JDK, which closes all in them.
     */
    private static final String PROPERTY = "asyncio.process.pipes"; // auto, or threads
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path FLAGS = Path.of("/proc/self/fdinfo");
    private static final int ATTEMPTS = 20;
    private static final Object FINDING = new Object(); // held by who changes flags and looks: we are not to mix

    private final AbstractSelectableChannel ours;
    private final AbstractSelectableChannel theirs;
    private final File file; // by which the child's end is opened

    private KernelPipe(AbstractSelectableChannel ours, AbstractSelectableChannel theirs, File file) {
        this.ours = ours;
        this.theirs = theirs;
        this.file = file;
    }

    /// A pipe for a child's input, or for its output; null if this system has no such thing.
    static @Nullable KernelPipe open(boolean childReads) throws IOException {
        if (!"auto".equals(System.getProperty(PROPERTY, "auto")) || !Files.isDirectory(DESCRIPTORS)) {
            return null;
        }
        Pipe pipe = Pipe.open();
        AbstractSelectableChannel ours = childReads ? pipe.sink() : pipe.source();
        AbstractSelectableChannel theirs = childReads ? pipe.source() : pipe.sink();
        File file = null;
        try {
            file = find(ours);
            if (file != null && isOpenable(file, childReads)) {
                ours.configureBlocking(false);
                return new KernelPipe(ours, theirs, file);
            }
            return null;
        } catch (IOException e) {
            return null; // /proc is closed to us
        } finally {
            if (file == null || ours.isBlocking()) {
                ours.close();
                theirs.close();
            }
        }
    }

    private static @Nullable File find(SelectableChannel ours) throws IOException {
        synchronized (FINDING) {
            for (int i = 0; i < ATTEMPTS; i++) {
                Map<String, String> blocking = flags(pipes());
                ours.configureBlocking(false);
                Map<String, String> changed = flags(blocking.keySet());
                ours.configureBlocking(true);
                Map<String, String> restored = flags(blocking.keySet());
                List<String> found = blocking.keySet().stream()
                        .filter(number -> {
                            String flags = blocking.get(number);
                            return changed.containsKey(number)
                                    && !Objects.equals(flags, changed.get(number))
                                    && Objects.equals(flags, restored.get(number));
                        })
                        .toList();
                if (found.size() == 1) {
                    return DESCRIPTORS.resolve(found.getFirst()).toFile();
                }
            }
            return null;
        }
    }

    /// The numbers of all descriptors of this process that are pipes.
    private static List<String> pipes() throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS, KernelPipe::isPipe)) {
            List<String> numbers = new ArrayList<>();
            all.forEach(each -> numbers.add(each.getFileName().toString()));
            return numbers;
        }
    }

    private static boolean isPipe(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private static Map<String, String> flags(Iterable<String> numbers) {
        Map<String, String> found = new HashMap<>();
        for (String number : numbers) {
            String line = flags(number);
            if (line != null) {
                found.put(number, line);
            }
        }
        return found;
    }

    private static @Nullable String flags(String number) {
        try (Stream<String> lines = Files.lines(FLAGS.resolve(number))) {
            return lines.filter(line -> line.startsWith("flags:")).findFirst().orElse(null);
        } catch (IOException | UncheckedIOException e) {
            return null; // closed meanwhile: not ours
        }
    }

    /// Tries what the JDK will do; it does not wait, because the other end is open.
    private static boolean isOpenable(File file, boolean childReads) {
        try (Closeable opened = childReads ? new FileInputStream(file) : new FileOutputStream(file)) {
            return opened != null;
        } catch (IOException e) {
            return false;
        }
    }

    /// What the child's input or output is redirected to.
    File file() {
        return file;
    }

    /// The end for the poller, in non-blocking mode. Whoever takes it closes it.
    SelectableChannel ours() {
        return ours;
    }

    /// The child has its end: ours of the same is closed, so that the pipe ends with the child's.
    void handedOver() throws IOException {
        theirs.close();
    }

    @Override
    public void close() throws IOException {
        ours.close();
        theirs.close();
    }
}
