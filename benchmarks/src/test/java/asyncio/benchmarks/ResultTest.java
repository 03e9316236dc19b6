package asyncio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultTest {
    @Test
    void read_resultOfJmh_takesNamesParametersAndRawData(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("jmh.json"), """
                [ { "jmhVersion" : "1.37", "benchmark" : "asyncio.benchmarks.AsyncioFast.timer", "forks" : 2,
                    "params" : { "outstanding" : "1000" },
                    "primaryMetric" : { "score" : 7.0, "scoreError" : "NaN", "scoreConfidence" : [ "NaN", "NaN" ],
                      "scoreUnit" : "ns/op", "rawData" : [ [ 1.0, 2.0 ], [ 18.0 ] ] },
                    "secondaryMetrics" : { } } ]
                """);

        assertThat(Result.read(file))
                .containsExactly(new Result("AsyncioFast", "timer:1000", "ns", List.of(1.0, 2.0, 18.0)));
    }

    @Test
    void read_whatWriteWrote_isTheSame(@TempDir Path directory) throws IOException {
        List<Result> results = List.of(
                new Result("VirtualThreads", "suspendedTask", "B", List.of(1100.5)),
                new Result("StartTimes", "hello:exit", "ms", List.of(80.0, 82.25)));
        Path file = directory.resolve("own.json");

        Result.write(file, results);

        assertThat(Result.read(file)).isEqualTo(results);
    }

    @Test
    void read_otherJson_isRefused(@TempDir Path directory) throws IOException {
        Path noList = Files.writeString(directory.resolve("object.json"), "{}");
        Path noResult = Files.writeString(directory.resolve("list.json"), "[{\"benchmark\": \"a.b\"}]");

        assertThatThrownBy(() -> Result.read(noList)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Result.read(noResult)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void value_samplesInAnyOrder_isTheMedian() {
        assertThat(new Result("s", "w", "ns", List.of(9.0, 1.0, 2.0)).value()).isEqualTo(2.0);
        assertThat(new Result("s", "w", "ns", List.of(9.0, 1.0, 2.0, 4.0)).value())
                .isEqualTo(3.0);
    }

    @Test
    void spread_samples_isTheirRangeAsShareOfTheMedian() {
        assertThat(new Result("s", "w", "ns", List.of(110.0, 90.0, 100.0)).spread())
                .isEqualTo(0.2);
    }

    @Test
    void create_noSamples_isRefused() {
        assertThatThrownBy(() -> new Result("s", "w", "ns", List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
