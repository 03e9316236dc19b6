package asyncio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

class ResultTableTest {
    private static List<String> table(Result... results) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ResultTable(List.of(results)).print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static Result result(String subject, String workload, double value) {
        return new Result(subject, workload, "ns", List.of(value));
    }

    private static String row(Result... results) {
        List<String> lines = table(results);
        assertThat(lines).hasSize(3);
        return lines.get(2);
    }

    @Test
    void print_allSubjects_showsFiguresRatiosAndTarget() {
        String row = row(
                result("AsyncioFast", "switchOneTask", 200),
                result("AsyncioBaton", "switchOneTask", 412.4),
                result("VirtualThreads", "switchOneTask", 250),
                result("KotlinCoroutines", "switchOneTask", 66));

        assertThat(row)
                .isEqualTo("| switch (`sleep(0)`), 1 task | 200 | 412 | 250 | 66 | 1.25x | 0.33x"
                        + " | <= 250, >= 1x virtual threads, >= 0.3x Kotlin | yes |");
    }

    @Test
    void print_limitMissed_saysNo() {
        assertThat(row(result("AsyncioFast", "awaitFinished", 4.1))).endsWith("| <= 4 | no |");
        assertThat(row(result("AsyncioFast", "awaitFinished", 4.0))).endsWith("| <= 4 | yes |");
    }

    @Test
    void print_limitReachedAndRatioMissed_saysNo() {
        Result ours = result("AsyncioFast", "groupOfHundred", 80);

        assertThat(row(ours, result("KotlinCoroutines", "groupOfHundred", 240))).endsWith("| yes |");
        assertThat(row(ours, result("KotlinCoroutines", "groupOfHundred", 239))).endsWith("| no |");
    }

    @Test
    void print_peerOfTheTargetNotMeasured_saysNo() {
        assertThat(row(result("AsyncioFast", "createJoin", 100)))
                .isEqualTo("| create a task and join it, one suspension | 100 | - | - | - | - | -"
                        + " | <= 550, >= 1x Kotlin | no |");
    }

    @Test
    void print_onlyPeersMeasured_saysNothing() {
        assertThat(row(result("KotlinCoroutines", "createJoin", 100))).endsWith("| - |");
    }

    @Test
    void print_noTarget_saysNothing() {
        assertThat(row(result("AsyncioFast", "callSoon", 9.96)))
                .endsWith("| - | - |")
                .contains("| 10.0 |");
    }

    @Test
    void print_samplesFarApart_areMarked() {
        Result unsteady = new Result("AsyncioFast", "callSoon", "ns", List.of(100.0, 100.0, 126.0));
        Result steady = new Result("AsyncioBaton", "callSoon", "ns", List.of(100.0, 100.0, 125.0));

        assertThat(row(unsteady, steady)).contains("| ~100 | 100 |");
    }

    @Test
    void print_memory_showsItsUnit() {
        assertThat(row(new Result("AsyncioFast", "suspendedTask", "B", List.of(560.4))))
                .contains("| 560 B |");
    }

    @Test
    void print_severalWorkloads_areInTheOrderOfTheRows() {
        List<String> lines = table(
                result("AsyncioFast", "timer:1000", 30),
                result("AsyncioFast", "queueOf64", 30),
                result("AsyncioFast", "timer:0", 30));

        assertThat(lines.subList(2, lines.size()))
                .extracting(line -> line.split(" \\|", -1)[0])
                .containsExactly(
                        "| timer armed and cancelled, none outstanding",
                        "| the same, 1 000 outstanding",
                        "| queue hop, capacity 64");
    }

    @Test
    void print_processStarts_areASecondTable() {
        List<String> lines = table(
                new Result("StartTimes", "hello:output", "ms", List.of(80.0)),
                new Result("StartTimes", "hello:exit", "ms", List.of(90.0)),
                new Result("StartTimes", "helloAot:output", "ms", List.of(50.0)),
                new Result("StartTimes", "helloAot:exit", "ms", List.of(66.0)));

        assertThat(lines)
                .contains(
                        "| asyncio, from jars on the class path | 80 | 90 | <= 100 | yes |",
                        "| asyncio, the same jars, with an AOT cache | 50 | 66 | <= 65 | no |",
                        "| bare `java`, from a jar | - | - | - | - |");
    }

    @Test
    void rows_benchmarksOfAllSubjects_areAllShown() {
        Set<String> shown = Arrays.stream(Workload.values())
                .map(workload -> workload.key().split(":", -1)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> measured = new TreeSet<>(List.of("suspendedTask"));
        for (Class<?> subject : List.of(AsyncioWorkloads.class, VirtualThreads.class, KotlinCoroutines.class)) {
            measured.addAll(benchmarks(subject));
        }

        assertThat(shown).isEqualTo(measured);
        assertThat(benchmarks(KotlinCoroutines.class)).isEqualTo(benchmarks(AsyncioWorkloads.class));
    }

    private static Set<String> benchmarks(Class<?> subject) {
        List<String> names = new ArrayList<>();
        for (Method method : subject.getMethods()) {
            if (method.isAnnotationPresent(Benchmark.class)) {
                names.add(method.getName());
            }
        }
        return new TreeSet<>(names);
    }
}
