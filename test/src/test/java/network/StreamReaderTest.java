package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.timeout;
import static network.StreamsInMemory.bytes;
import static network.StreamsInMemory.pause;
import static network.StreamsInMemory.send;
import static network.StreamsInMemory.text;
import static network.StreamsInMemory.turn;
import static network.StreamsInMemory.withPair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.IncompleteReadException;
import asyncio.stream.LimitOverrunException;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class StreamReaderTest {
    private static final byte[] LINE_FEED = {'\n'};

    // Counts

    @Test
    @Spec("ST-2")
    void read_moreThanAsked_keepsTheRest() {
        withPair((pair, far) -> {
            send(far, "abcdef");

            assertThat(text(await(pair.reader().read(4)))).isEqualTo("abcd");
            assertThat(text(await(pair.reader().read(4)))).isEqualTo("ef");
        });
    }

    @Test
    @Spec("ST-2")
    void read_zero_givesNothingAtOnce() {
        withPair((pair, far) -> assertThat(await(pair.reader().read(0))).isEmpty());
    }

    @Test
    @Spec("ST-2")
    void read_atTheEnd_givesNothingAgainAndAgain() {
        withPair((pair, far) -> {
            send(far, "x");
            far.close();
            StreamReader reader = pair.reader();

            assertThat(reader.atEof()).isFalse();
            assertThat(text(await(reader.read()))).isEqualTo("x");
            assertThat(await(reader.read(10))).isEmpty();
            assertThat(await(reader.readLine())).isEmpty();
            assertThat(await(reader.read())).isEmpty();
            assertThat(reader.atEof()).isTrue();
        });
    }

    @Test
    void read_intoBuffer_takesWhatThereIs() {
        withPair((pair, far) -> {
            send(far, "abc");
            far.close();
            ByteBuffer target = ByteBuffer.allocate(2);

            assertThat(await(pair.reader().read(target))).isEqualTo(2);
            assertThat(await(pair.reader().read(target.clear()))).isEqualTo(1);
            assertThat(await(pair.reader().read(target.clear()))).isEqualTo(-1);
            assertThatThrownBy(() -> pair.reader().read(ByteBuffer.allocate(0)))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    @Spec({"ST-2", "F-ST-3"})
    void readExactly_streamEndsBefore_hasThePartAndTheNumber() {
        withPair((pair, far) -> {
            send(far, "abc");
            far.close();

            assertThatThrownBy(() -> await(pair.reader().readExactly(5)))
                    .isInstanceOfSatisfying(IncompleteReadException.class, e -> {
                        assertThat(text(e.partial())).isEqualTo("abc");
                        assertThat(e.expectedBytes()).hasValue(5);
                    })
                    .hasMessage("3 bytes read on a total of 5 expected bytes");
            assertThat(pair.reader().atEof()).isTrue();
        });
    }

    @Test
    @Spec({"ST-2", "ST-3", "F-ST-3"})
    void readExactly_farBeyondLimitAndAnyBuffer_givesEveryByte() {
        int size = 3_000_000;
        byte[] sent = new byte[size];
        for (int i = 0; i < size; i++) {
            sent[i] = (byte) (i * 31 >> 3);
        }
        withPair(20_000, 16, (pair, far) -> {
            Task<?> sending = createTask(() -> await(far.send(ByteBuffer.wrap(sent))));

            assertThat(await(pair.reader().readExactly(7))).isEqualTo(Arrays.copyOf(sent, 7));
            assertThat(await(pair.reader().readExactly(100_000))).isEqualTo(Arrays.copyOfRange(sent, 7, 100_007));
            assertThat(await(pair.reader().readExactly(size - 100_007)))
                    .isEqualTo(Arrays.copyOfRange(sent, 100_007, size));
            await(sending);
        });
    }

    @Test
    @Spec("ST-2")
    void readToEnd_moreThanAllowed_failsAndKeepsTheBytes() {
        withPair((pair, far) -> {
            send(far, "abcdef");

            assertThatThrownBy(() -> await(pair.reader().readToEnd(5)))
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageContaining("more than 5 bytes");
            far.close();
            assertThat(text(await(pair.reader().readToEnd(6)))).isEqualTo("abcdef");
        });
    }

    // Separators

    @Test
    @Spec("ST-2")
    void readUntil_severalSeparators_theEarliestEndWins() {
        withPair((pair, far) -> {
            send(far, "oneABCtwoBCthree;");
            StreamReader reader = pair.reader();

            assertThat(text(await(reader.readUntil(bytes("ABCD"), bytes("BC"), bytes(";")))))
                    .isEqualTo("oneABC");
            assertThat(text(await(reader.readUntil(bytes(";"), bytes("BC"))))).isEqualTo("twoBC");
            assertThat(text(await(reader.readUntil(bytes(";"))))).isEqualTo("three;");
        });
    }

    @Test
    @Spec("ST-2")
    void readUntil_separatorInPieces_isFound() {
        withPair((pair, far) -> {
            Task<byte[]> reading = createTask(pair.reader().readUntil(bytes("\r\n\r\n")));
            for (String piece : List.of("a\r", "\n", "\r", "\r\n\r", "\nrest")) {
                assertThat(reading.isDone()).isFalse();
                send(far, piece);
                pause();
            }

            assertThat(text(await(reading))).isEqualTo("a\r\n\r\r\n\r\n");
            assertThat(text(pair.reader().tryRead())).isEqualTo("rest");
        });
    }

    @Test
    @Spec({"ST-2", "F-ST-2"})
    void readUntil_overTheLimit_keepsTheBytes() {
        withPair(100, 4, (pair, far) -> {
            send(far, "12345;");
            StreamReader reader = pair.reader();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> await(reader.readUntil(bytes(";"))))
                        .isInstanceOfSatisfying(
                                LimitOverrunException.class,
                                e -> assertThat(e.consumedBytes()).isEqualTo(5))
                        .hasMessageStartingWith("Separator is found, but chunk is longer than limit");
            }
            assertThat(text(await(reader.readExactly(5)))).isEqualTo("12345");
            assertThat(text(await(reader.readUntil(bytes(";"))))).isEqualTo(";");

            send(far, "123456789");
            assertThatThrownBy(() -> await(reader.readUntil(bytes("; "))))
                    .isInstanceOfSatisfying(
                            LimitOverrunException.class,
                            e -> assertThat(e.consumedBytes()).isEqualTo(8))
                    .hasMessageStartingWith("Separator is not found, and chunk exceed the limit");
        });
    }

    @Test
    @Spec({"ST-2", "F-ST-2"})
    void readLine_exactlyTheLimit_isAllowed() {
        withPair(100, 4, (pair, far) -> {
            send(far, "1234\n");

            assertThat(text(await(pair.reader().readLine()))).isEqualTo("1234\n");
        });
    }

    @Test
    @Spec({"ST-2", "F-ST-2"})
    void readLine_overTheLimit_dropsTheLineOrWhatThereIsOfIt() {
        withPair(100, 4, (pair, far) -> {
            StreamReader reader = pair.reader();
            send(far, "12345\nnext\n");
            assertThatThrownBy(() -> await(reader.readLine()))
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageEndingWith("the line was dropped");
            assertThat(text(await(reader.readLine()))).isEqualTo("next\n");

            send(far, "12345");
            assertThatThrownBy(() -> await(reader.readLine())).isInstanceOf(LimitOverrunException.class);
            send(far, "678\n");
            assertThat(text(await(reader.readLine()))).isEqualTo("678\n");
        });
    }

    @Test
    @Spec("ST-2")
    void readUntil_endBefore_hasThePartAndNoNumber() {
        withPair((pair, far) -> {
            send(far, "abc");
            far.close();

            assertThatThrownBy(() -> await(pair.reader().readUntil(LINE_FEED)))
                    .isInstanceOfSatisfying(IncompleteReadException.class, e -> {
                        assertThat(text(e.partial())).isEqualTo("abc");
                        assertThat(e.expectedBytes()).isEmpty();
                    });
        });
    }

    @Test
    @Spec("ST-2")
    void values_lines_oneByOneAndTheLastWithoutEnd() {
        withPair((pair, far) -> {
            send(far, "one\ntwo\r\n\nlast");
            far.close();
            List<String> lines = new ArrayList<>();
            try (var values = pair.reader().values()) {
                for (byte[] line : values) {
                    lines.add(text(line));
                }
            }

            assertThat(lines).containsExactly("one\n", "two\r\n", "\n", "last");
        });
    }

    @Test
    void lines_text_hasNoEnds() {
        withPair((pair, far) -> {
            send(far, "grün\ntwo\r\n\n\r\nlast\r");
            far.close();

            assertThat(await(pair.reader().lines(StandardCharsets.UTF_8).toList()))
                    .containsExactly("grün", "two", "", "", "last\r");
        });
    }

    // One reader, and ends

    @Test
    @Spec({"ST-4", "F-ST-1"})
    void read_whileAnotherTaskReads_isRefusedAndHarmless() {
        withPair((pair, far) -> {
            Task<byte[]> first = createTask(pair.reader().readExactly(2));
            turn();

            assertThatThrownBy(() -> await(pair.reader().readLine()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("readLine() called while another coroutine is already waiting");
            assertThatThrownBy(() -> pair.reader().tryRead()).isInstanceOf(IllegalStateException.class);
            send(far, "ok");
            assertThat(text(await(first))).isEqualTo("ok");
        });
    }

    @Test
    @Spec({"ST-4", "F-ST-5"})
    void read_afterReset_failsBeforeBufferedBytes() {
        withPair((pair, far) -> {
            send(far, "abcdef");
            StreamReader reader = pair.reader();
            assertThat(text(await(reader.read(2)))).isEqualTo("ab");
            far.abort();
            assertThatThrownBy(() -> await(reader.readExactly(10))).isInstanceOf(ConnectionResetException.class);

            assertThatThrownBy(() -> await(reader.read(1))).isInstanceOf(ConnectionResetException.class);
            assertThatThrownBy(() -> await(reader.read(0))).isInstanceOf(ConnectionResetException.class);
            assertThat(reader.exception()).isInstanceOf(ConnectionResetException.class);
            assertThat(text(reader.tryRead())).isEqualTo("cdef");
        });
    }

    @Test
    @Spec({"ST-4", "ST-5"})
    void read_afterTheWriterFoundTheLoss_fails() {
        withPair((pair, far) -> {
            Task<byte[]> waiting = createTask(pair.reader().read(1));
            turn();
            far.close(); // the reader sees the end, the writer a broken pipe
            pair.writer().write(bytes("x"));
            assertThat(await(waiting)).isEmpty();
            pause();

            assertThatThrownBy(() -> await(pair.reader().read(1))).isInstanceOf(ConnectionResetException.class);
        });
    }

    @Test
    @Spec("ST-4")
    void read_afterOwnClose_givesWhatIsLeftThenTheEnd() {
        withPair((pair, far) -> {
            send(far, "abc");
            assertThat(text(await(pair.reader().read(1)))).isEqualTo("a");
            pair.close();
            await(pair.writer().waitClosed());

            assertThat(text(await(pair.reader().read()))).isEqualTo("bc");
            assertThat(pair.reader().atEof()).isTrue();
        });
    }

    @Test
    @Spec("ST-4")
    void read_closedWhileItWaits_findsTheEnd() {
        withPair((pair, far) -> {
            Task<byte[]> waiting = createTask(pair.reader().readLine());
            turn();
            pair.close();

            assertThat(await(waiting)).isEmpty();
        });
    }

    @Test
    void read_timeout_losesNothing() {
        withPair((pair, far) -> {
            StreamReader reader = pair.reader();
            send(far, "abc");
            assertThatThrownBy(() -> await(timeout(Duration.ofSeconds(1), () -> await(reader.readExactly(5)))))
                    .isInstanceOf(TimeoutException.class);
            send(far, "d\n");
            assertThatThrownBy(() -> await(timeout(Duration.ofSeconds(1), () -> await(reader.read()))))
                    .isInstanceOf(TimeoutException.class);

            assertThat(text(await(reader.readLine()))).isEqualTo("abcd\n");
        });
    }

    @Test
    void read_peerThatNeverStops_letsOthersRun() {
        withPair((pair, far) -> {
            int[] turns = {0};
            Task<?> other = createTask(() -> {
                while (true) {
                    turns[0]++;
                    turn();
                }
            });
            for (int i = 0; i < 1000; i++) {
                far.trySend(ByteBuffer.wrap(bytes("x"))); // always something there: no read waits
                await(pair.reader().read(1));
            }
            other.cancel();

            assertThat(turns[0]).isGreaterThan(10);
        });
    }

    // Bad input

    @Test
    @Spec("ST-1")
    void over_limitNotPositive_isRefused() {
        withPair((pair, far) -> {
            for (int limit : new int[] {0, -1}) {
                assertThatThrownBy(() -> StreamPair.over(far, limit))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("limit cannot be <= 0: got " + limit);
            }
        });
    }

    @Test
    @Spec("ST-2")
    void arguments_outOfRange_areRefusedAtOnce() {
        withPair((pair, far) -> {
            StreamReader reader = pair.reader();
            assertThatThrownBy(() -> reader.read(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reader.readToEnd(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reader.readExactly(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("readExactly(countBytes) size can not be less than zero: got -1");
            assertThatThrownBy(() -> reader.readUntil(new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("Separator should contain at least one byte");
            assertThatThrownBy(() -> reader.readUntil(LINE_FEED, new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void toString_states_areShown() {
        Asyncio.run(() -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop());
            StreamPair pair = StreamPair.over(ends.getFirst(), 10);
            send(ends.getLast(), "abc");
            await(pair.reader().read(1));
            assertThat(pair.reader()).asString().startsWith("<StreamReader 2 bytes of <StreamTransport open over");
            ends.getLast().close();
            await(pair.reader().read());
            assertThat(pair.reader()).asString().startsWith("<StreamReader 0 bytes eof of");
            await(pair.writer().aclose());
            assertThat(pair.writer()).asString().startsWith("<StreamWriter of <StreamTransport closed over");
        });
    }
}
