package asyncio.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// Makes Markdown tables of results.
///
/// A figure is the median of its iterations. One whose iterations lie more than a quarter of it
/// apart carries a `~`: the machine was not quiet, or the work is not steady. A ratio is the peer's
/// figure divided by ours on the fast engine: more than 1 means that we took less.
///
/// Threads: one.
final class ResultTable {
    private static final String FAST = "AsyncioFast";
    private static final String BATON = "AsyncioBaton";
    private static final String VIRTUAL_THREADS = "VirtualThreads";
    private static final String KOTLIN = "KotlinCoroutines";
    private static final String START = "StartTimes";

    private static final String NONE = "-";
    private static final double STEADY = 0.25;
    private static final double SMALL = 10; // figures below it get a decimal

    private final Map<String, Result> results = new HashMap<>(); // by subject and workload

    ResultTable(List<Result> results) {
        results.forEach(result -> this.results.put(key(result.subject(), result.workload()), result));
    }

    /// Prints the tables of all results in some files.
    ///
    /// @param arguments files in JMH's JSON format, at least one
    /// @throws IOException if one cannot be read
    static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            throw new IllegalArgumentException("arguments must name the files of results: got none");
        }
        List<Result> results = new ArrayList<>();
        for (String argument : arguments) {
            results.addAll(Result.read(Path.of(argument)));
        }
        new ResultTable(results).print(System.out);
    }

    private static String key(String subject, String workload) {
        return subject + " " + workload;
    }

    void print(PrintStream out) {
        out.println("| workload (ns) | asyncio fast | asyncio baton | virtual threads | Kotlin"
                + " | virtual threads / fast | Kotlin / fast | target for fast | met |");
        out.println("|---|--:|--:|--:|--:|--:|--:|---|:-:|");
        for (Workload workload : Workload.values()) {
            if (isMeasured(workload)) {
                out.println(row(workload));
            }
        }
        if (results.values().stream().anyMatch(result -> result.subject().equals(START))) {
            out.println();
            out.println("| process (ms) | first output | whole process | target for the whole | met |");
            out.println("|---|--:|--:|---|:-:|");
            for (Start start : Start.values()) {
                out.println(row(start));
            }
        }
    }

    private boolean isMeasured(Workload workload) {
        return results.values().stream().anyMatch(result -> result.workload().equals(workload.key()));
    }

    private String row(Workload workload) {
        return line(
                workload.label(),
                cell(FAST, workload.key()),
                cell(BATON, workload.key()),
                cell(VIRTUAL_THREADS, workload.key()),
                cell(KOTLIN, workload.key()),
                ratioCell(ratio(VIRTUAL_THREADS, workload)),
                ratioCell(ratio(KOTLIN, workload)),
                words(workload),
                verdict(workload));
    }

    private String row(Start start) {
        OptionalDouble whole = value(START, start.key() + ":exit");
        double limit = start.limitMillis();
        return line(
                start.label(),
                cell(START, start.key() + ":output"),
                cell(START, start.key() + ":exit"),
                limit == 0 ? NONE : "<= " + number(limit),
                limit == 0 || whole.isEmpty() ? NONE : yesOrNo(whole.getAsDouble() <= limit));
    }

    private static String line(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    private OptionalDouble value(String subject, String workload) {
        Result result = results.get(key(subject, workload));
        return result == null ? OptionalDouble.empty() : OptionalDouble.of(result.value());
    }

    private OptionalDouble ratio(String peer, Workload workload) {
        OptionalDouble ours = value(FAST, workload.key());
        OptionalDouble theirs = value(peer, workload.key());
        return ours.isEmpty() || theirs.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(theirs.getAsDouble() / ours.getAsDouble());
    }

    private String cell(String subject, String workload) {
        Result result = results.get(key(subject, workload));
        if (result == null) {
            return NONE;
        }
        String unit = result.unit().equals("B") ? " B" : "";
        return (result.spread() > STEADY ? "~" : "") + number(result.value()) + unit;
    }

    private static String ratioCell(OptionalDouble ratio) {
        return ratio.isEmpty() ? NONE : String.format(Locale.ROOT, "%.2fx", ratio.getAsDouble());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < SMALL && value != Math.rint(value) ? "%.1f" : "%.0f", value);
    }

    private static String words(Workload target) {
        List<String> words = new ArrayList<>();
        if (target.limit() > 0) {
            words.add("<= " + number(target.limit()));
        }
        if (target.timesVirtualThreads() > 0) {
            words.add(">= " + number(target.timesVirtualThreads()) + "x virtual threads");
        }
        if (target.timesKotlin() > 0) {
            words.add(">= " + number(target.timesKotlin()) + "x Kotlin");
        }
        return words.isEmpty() ? NONE : String.join(", ", words);
    }

    /// Yes if all that is asked for was measured and reached.
    private String verdict(Workload workload) {
        OptionalDouble ours = value(FAST, workload.key());
        if (workload.limit() == 0 || ours.isEmpty()) {
            return NONE;
        }
        return yesOrNo(ours.getAsDouble() <= workload.limit()
                && isReached(ratio(VIRTUAL_THREADS, workload), workload.timesVirtualThreads())
                && isReached(ratio(KOTLIN, workload), workload.timesKotlin()));
    }

    private static boolean isReached(OptionalDouble ratio, double least) {
        return least == 0 || ratio.isPresent() && ratio.getAsDouble() >= least;
    }

    private static String yesOrNo(boolean met) {
        return met ? "yes" : "no";
    }
}
