package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every required row of the specification is named by a test that holds it.
class SpecCoverageTest {
    private static final Pattern SPEC = Pattern.compile("@Spec\\(([^)]*)\\)");
    private static final Pattern ROW = Pattern.compile("\"([A-Z0-9-]+)\"");
    private static final List<String> TESTS = List.of("core/src/test/java", "test/src/test/java");

    private static List<String> required() {
        return Stream.of(
                        rows("LOOP", 1, 12),
                        rows("CORO", 1, 3),
                        rows("FUT", 1, 5),
                        rows("EXC", 1, 1),
                        rows("TASK", 1, 10),
                        rows("CTX", 1, 1),
                        rows("TG", 1, 7),
                        rows("TO", 1, 3),
                        rows("W", 1, 7),
                        rows("SYNC", 1, 5),
                        rows("Q", 1, 4),
                        rows("EXE", 1, 1),
                        rows("AG", 1, 1),
                        rows("IO", 1, 16),
                        rows("ST", 1, 5),
                        rows("SUB", 1, 6),
                        rows("SIG", 1, 1),
                        rows("INTRO", 1, 1),
                        rows("RUN", 1, 5),
                        rows("DBG", 1, 5),
                        rows("WRN", 1, 2))
                .flatMap(each -> each)
                .toList();
    }

    private static Stream<String> rows(String name, int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(number -> name + "-" + number);
    }

    @Test
    void requiredRows_all_haveATest() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        int files = 0;
        for (String directory : TESTS) {
            Path root = Core.repository().resolve(directory);
            try (Stream<Path> tree = Files.walk(root)) {
                for (Path path :
                        tree.filter(each -> each.toString().endsWith(".java")).toList()) {
                    files++;
                    collect(Files.readString(path), named);
                }
            }
        }
        TreeSet<String> missing = new TreeSet<>(required());
        missing.removeAll(named);

        assertThat(files).isGreaterThan(10);
        assertThat(missing).as("rows without a test").isEmpty();
    }

    private static void collect(String source, Set<String> named) {
        Matcher spec = SPEC.matcher(source);
        while (spec.find()) {
            Matcher row = ROW.matcher(spec.group(1));
            while (row.find()) {
                named.add(row.group(1));
            }
        }
    }
}
