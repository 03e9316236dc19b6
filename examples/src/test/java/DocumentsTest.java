import static org.assertj.core.api.Assertions.assertThat;

import asyncio.testing.VirtualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The documentation quotes code that is compiled, and output that is printed.
class DocumentsTest {
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
    void textBlocks_tutorial_areWhatItsProgramPrints() throws Exception {
        String printed = Example.of("Prices").output(VirtualTime.create().options());
        List<Markdown.Block> blocks =
                Markdown.blocks(Markdown.ROOT.resolve("docs/tutorial.md"), "text");

        assertThat(blocks).hasSizeGreaterThan(10);
        assertThat(blocks).filteredOn(block -> !printed.contains(block.text() + "\n")).isEmpty();
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
