package network;

import static asyncio.Asyncio.await;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.RunOptions;
import asyncio.stream.ByteStream;
import asyncio.stream.IncompleteReadException;
import asyncio.stream.LimitOverrunException;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The reader against a model of CPython's, over random bytes in random pieces.
@ExtendWith(NothingLeft.class)
class StreamReaderModelTest {
    private static final int SEEDS = 600;
    private static final String LETTERS = "ab\n;";
    private static final List<List<String>> SEPARATORS =
            List.of(List.of("\n"), List.of(";"), List.of("a;", ";"), List.of("ab", "b\n", "bab"), List.of("aab"));

    @Test
    @Spec({"ST-2", "F-ST-2", "F-ST-3"})
    void anyReads_anyPieces_giveWhatCPythonGives() {
        Asyncio.run(
                () -> {
                    for (int seed = 1; seed <= SEEDS; seed++) {
                        compare(seed);
                    }
                },
                RunOptions.defaults().loop(VirtualTime.create().options()));
    }

    private static void compare(int seed) {
        Random random = new Random(seed);
        int limit = 1 + random.nextInt(12);
        List<String> pieces = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            StringBuilder piece = new StringBuilder();
            for (int k = random.nextInt(15); k >= 0; k--) {
                piece.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            pieces.add(piece.toString());
        }
        Model model = new Model(limit, pieces);
        try (StreamPair pair = StreamPair.over(new Scripted(pieces, random), limit)) {
            List<String> history = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                int kind = random.nextInt(4);
                int count = random.nextInt(20);
                List<String> separators = SEPARATORS.get(random.nextInt(SEPARATORS.size()));
                String expected = model.step(kind, count, separators);
                String actual = step(pair.reader(), kind, count, separators);
                history.add(kind + " " + count + " " + separators + " -> " + expected);
                assertThat(actual)
                        .as("seed %d limit %d pieces %s history %s", seed, limit, pieces, history)
                        .isEqualTo(expected);
            }
        }
    }

    private static String step(StreamReader reader, int kind, int count, List<String> separators) {
        try {
            return switch (kind) {
                case 0 -> result(reader.read(count));
                case 1 -> result(reader.readExactly(count));
                case 2 -> result(reader.readLine());
                default ->
                    result(reader.readUntil(
                            bytes(separators.getFirst()),
                            separators.stream()
                                    .skip(1)
                                    .map(StreamReaderModelTest::bytes)
                                    .toArray(byte[][]::new)));
            };
        } catch (IncompleteReadException e) {
            return "incomplete " + text(e.partial());
        } catch (LimitOverrunException e) {
            return "overrun " + e.consumedBytes();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String result(Coroutine<byte[]> read) throws IOException {
        return "got " + text(await(read, IOException.class));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// asyncio's StreamReader, over text.
    private static final class Model {
        private final int limit;
        private final Deque<String> coming;
        private String buffer = "";
        private boolean ended;

        Model(int limit, List<String> pieces) {
            this.limit = limit;
            coming = new ArrayDeque<>(pieces);
        }

        String step(int kind, int count, List<String> separators) {
            return switch (kind) {
                case 0 -> read(count);
                case 1 -> readExactly(count);
                case 2 -> readLine();
                default -> readUntil(separators);
            };
        }

        private void waitForData() {
            if (coming.isEmpty()) {
                ended = true;
            } else {
                buffer += coming.removeFirst();
            }
        }

        private String take(int count) {
            String taken = buffer.substring(0, count);
            buffer = buffer.substring(count);
            return taken;
        }

        private String read(int count) {
            if (count > 0 && buffer.isEmpty() && !ended) {
                waitForData();
            }
            return "got " + take(Math.min(count, buffer.length()));
        }

        private String readExactly(int count) {
            while (buffer.length() < count) {
                if (ended) {
                    return "incomplete " + take(buffer.length());
                }
                waitForData();
            }
            return "got " + take(count);
        }

        private String readUntil(List<String> separators) {
            int longest = separators.stream().mapToInt(String::length).max().orElseThrow();
            while (true) {
                int start = -1;
                int end = Integer.MAX_VALUE;
                for (String separator : separators.stream()
                        .sorted((a, b) -> a.length() - b.length())
                        .toList()) {
                    int found = buffer.indexOf(separator);
                    if (found >= 0 && found + separator.length() < end) {
                        start = found;
                        end = found + separator.length();
                    }
                }
                if (start >= 0) {
                    return start > limit ? "overrun " + start : "got " + take(end);
                }
                int offset = Math.max(0, buffer.length() + 1 - longest);
                if (offset > limit) {
                    return "overrun " + offset;
                }
                if (ended) {
                    return "incomplete " + take(buffer.length());
                }
                waitForData();
            }
        }

        private String readLine() {
            String found = readUntil(List.of("\n"));
            if (found.startsWith("incomplete ")) {
                return "got " + found.substring("incomplete ".length());
            }
            if (found.startsWith("overrun ")) {
                int consumed = Integer.parseInt(found.substring("overrun ".length()));
                take(buffer.startsWith("\n", consumed) ? consumed + 1 : buffer.length());
            }
            return found;
        }
    }

    /// Gives one piece at a time, sometimes after a wait.
    private static final class Scripted extends ByteStream {
        private final Deque<String> pieces;
        private final Random random;
        private final EventLoop loop = loop();
        private boolean closed;

        Scripted(List<String> pieces, Random random) {
            super(Asyncio.getRunningLoop());
            this.pieces = new ArrayDeque<>(pieces);
            this.random = random;
        }

        @Override
        public int tryReceive(ByteBuffer target) {
            if (random.nextInt(3) == 0) {
                return 0;
            }
            if (pieces.isEmpty()) {
                return -1;
            }
            byte[] piece = bytes(pieces.removeFirst());
            target.put(piece);
            return piece.length;
        }

        @Override
        public int trySend(ByteBuffer source) {
            return 0;
        }

        @Override
        public void onReadable(@Nullable Runnable listener) {
            if (listener != null) {
                loop.callLater(Duration.ofMillis(1), listener);
            }
        }

        @Override
        public void onWritable(@Nullable Runnable listener) {}

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public boolean isClosed() {
            return closed;
        }
    }
}
