import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The fenced blocks of the documentation, and the regions of the code that they quote.
final class Markdown {
    static final Path ROOT = Path.of("..");

    private Markdown() {}

    /// A fenced block: the word behind the fence, and the text with its common indent removed.
    record Block(String file, int line, String language, String text) {
        @Override
        public String toString() {
            return file + ":" + line + "\n" + text;
        }
    }

    /// Every Markdown file that a reader is pointed to.
    static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(
                            docs.filter(path -> path.toString().endsWith(".md")),
                            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")))
                    .sorted()
                    .toList();
        }
    }

    static List<Block> blocks(Path document, String language) throws IOException {
        List<Block> blocks = new ArrayList<>();
        List<String> text = null;
        String word = "";
        int number = 0;
        for (String line : Files.readAllLines(document)) {
            number++;
            if (!line.strip().startsWith("```")) {
                if (text != null) {
                    text.add(line);
                }
            } else if (text == null) {
                text = new ArrayList<>();
                word = line.strip().substring(3);
            } else {
                if (word.equals(language)) {
                    String file = document.getFileName().toString();
                    int first = number - text.size();
                    blocks.add(new Block(file, first, word, dedented(text)));
                }
                text = null;
            }
        }
        return blocks;
    }

    /// What the documentation may quote: whole programs, and what lies between `// region name` and
    /// `// endregion`.
    static List<String> quotable() throws IOException {
        List<String> quotable = new ArrayList<>();
        for (Path directory : List.of(Path.of("."), Path.of("src/test/java"))) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    List<String> lines = Files.readAllLines(file);
                    quotable.add(dedented(lines));
                    addRegions(lines, quotable);
                }
            }
        }
        return quotable;
    }

    private static void addRegions(List<String> lines, List<String> regions) {
        List<String> region = null;
        for (String line : lines) {
            if (line.strip().startsWith("// region ")) {
                region = new ArrayList<>();
            } else if (region != null && line.strip().equals("// endregion")) {
                regions.add(dedented(region));
                region = null;
            } else if (region != null) {
                region.add(line);
            }
        }
    }

    private static String dedented(List<String> lines) {
        return String.join("\n", lines).stripTrailing().stripIndent().strip();
    }
}
