import static org.assertj.core.api.Assertions.assertThat;

import asyncio.LoopOptions;
import asyncio.testing.VirtualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The documentation quotes code that is compiled, and output that is printed.
class DocumentsTest {
    /// The programs whose output a document quotes.
    static final Map<String, List<String>> PROGRAMS =
            Map.of(
                    "docs/tutorial.md", List.of("Prices", "Shopping"),
                    "docs/guide/cancellation.md", List.of("GuideCancellation"),
                    "docs/guide/coordination.md", List.of("GuideCoordination"),
                    "docs/guide/network.md", List.of("GuideNetwork"),
                    "docs/guide/threads.md", List.of("GuideThreads"));

    /// Those of them that wait for sockets and children, which virtual time does not.
    private static final Set<String> REAL_TIME = Set.of("GuideNetwork");

    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

    @Test
    void javaBlocks_everyDocument_areRegionsOfCompiledFiles() throws Exception {
        List<String> quotable = Markdown.quotable();
        List<Markdown.Block> blocks = new ArrayList<>();
        for (Path document : Markdown.documents()) {
            blocks.addAll(Markdown.blocks(document, "java"));
        }

        assertThat(blocks).hasSizeGreaterThan(15);
        assertThat(blocks).filteredOn(block -> !quotable.contains(block.text())).isEmpty();
    }

    @Test
    void textBlocks_tutorialAndGuides_areWhatTheirProgramsPrint() throws Exception {
        List<Markdown.Block> wrong = new ArrayList<>();
        int count = 0;
        for (Path document : Markdown.documents()) {
            List<String> programs = PROGRAMS.get(Markdown.ROOT.relativize(document).toString());
            if (programs != null) {
                StringBuilder printed = new StringBuilder();
                for (String program : programs) {
                    printed.append(Example.of(program).output(optionsOf(program)));
                }
                for (Markdown.Block block : Markdown.blocks(document, "text")) {
                    count++;
                    if (!stable(printed.toString()).contains(stable(block.text()) + "\n")) {
                        wrong.add(block);
                    }
                }
            }
        }

        assertThat(count).isGreaterThan(20);
        assertThat(wrong).isEmpty();
    }

    private static LoopOptions optionsOf(String program) {
        return REAL_TIME.contains(program)
                ? LoopOptions.defaults()
                : VirtualTime.create().options();
    }

    /// Without the numbers of lines, lambdas and objects.
    private static String stable(String text) {
        return text.replaceAll("(\\.java:|lambda\\$\\w+\\$|id=0x)[0-9a-f]+", "$1#");
    }

    @Test
    void links_everyDocument_leadToFiles() throws Exception {
        int count = 0;
        for (Path document : Markdown.documents()) {
            Matcher links = LINK.matcher(Files.readString(document));
            while (links.find()) {
                count++;
                assertThat(document.resolveSibling(links.group(1)))
                        .as("link in %s", document)
                        .exists();
            }
        }
        assertThat(count).isGreaterThan(10);
    }
}
