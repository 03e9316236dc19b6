package asyncio.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// One figure: what a subject took for a workload.
///
/// Stored as JMH stores its results, so that its figures and ours are read in one way.
///
/// Threads: immutable.
///
/// @param subject who was measured: the simple name of the benchmark's class
/// @param workload the benchmark's method, and the values of its parameters behind colons
/// @param unit the unit of the samples
/// @param samples the figure of each iteration, at least one
record Result(String subject, String workload, String unit, List<Double> samples) {
    Result {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("samples must not be empty: " + subject + " " + workload);
        }
        samples = List.copyOf(samples);
    }

    /// The median: one disturbed iteration does not move it.
    double value() {
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// How far the samples lie apart, as a share of the median.
    double spread() {
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[sorted.length - 1] - sorted[0]) / value();
    }

    /// Reads a file of JMH's JSON format.
    ///
    /// @throws IllegalArgumentException if it is not of that format
    static List<Result> read(Path file) throws IOException {
        if (!(Json.parse(Files.readString(file)) instanceof List<?> entries)) {
            throw new IllegalArgumentException(file + " must hold a list of results");
        }
        List<Result> results = new ArrayList<>();
        for (Object entry : entries) {
            results.add(of(entry));
        }
        return results;
    }

    private static Result of(Object entry) {
        if (entry instanceof Map<?, ?> map
                && map.get("benchmark") instanceof String benchmark
                && map.get("primaryMetric") instanceof Map<?, ?> metric
                && metric.get("scoreUnit") instanceof String unit
                && metric.get("rawData") instanceof List<?> forks) {
            List<String> path = Arrays.asList(benchmark.split("\\.", -1)).reversed();
            String workload = path.getFirst();
            if (map.get("params") instanceof Map<?, ?> parameters) {
                for (Object value : parameters.values()) {
                    workload += ":" + value;
                }
            }
            return new Result(path.get(1), workload, unit.replace("/op", ""), samples(forks));
        }
        throw new IllegalArgumentException("not a result of JMH: " + entry);
    }

    private static List<Double> samples(List<?> forks) {
        List<Double> samples = new ArrayList<>();
        for (Object fork : forks) {
            for (Object sample : (List<?>) fork) {
                samples.add((Double) sample);
            }
        }
        return samples;
    }

    /// Writes a file that [#read(Path)] reads.
    static void write(Path file, List<Result> results) throws IOException {
        String lines = results.stream().map(Result::toJson).collect(Collectors.joining(",\n"));
        Files.writeString(file, "[\n" + lines + "\n]\n");
    }

    private String toJson() {
        return "{\"benchmark\": \"%s.%s.%s\", \"primaryMetric\": {\"scoreUnit\": \"%s\", \"rawData\": [%s]}}"
                .formatted(Result.class.getPackageName(), subject, workload, unit, samples);
    }
}
