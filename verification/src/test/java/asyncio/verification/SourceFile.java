package asyncio.verification;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// A source file of core as the JDK's own compiler reads it.
///
/// @param path where it is
/// @param unit what the parser made of it
/// @param trees for documentation comments and positions
/// @param text the whole text
record SourceFile(Path path, CompilationUnitTree unit, DocTrees trees, String text) {
    private static final int MIN_FILES = 90;

    /// All sources of core, parsed once.
    static List<SourceFile> ofCore() {
        return Holder.FILES;
    }

    private static List<SourceFile> parse(Path root) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> tree = Files.walk(root)) {
            List<Path> paths = tree.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.endsWith("module-info.java"))
                    .sorted()
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(paths));
            DocTrees trees = DocTrees.instance(task);
            List<SourceFile> parsed = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                String text = unit.getSourceFile().getCharContent(false).toString();
                parsed.add(new SourceFile(Path.of(unit.getSourceFile().toUri()), unit, trees, text));
            }
            return List.copyOf(parsed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The package of the file.
    String packageName() {
        return String.valueOf(unit.getPackageName());
    }

    /// The file's top-level types; none in a package-info.
    List<ClassTree> types() {
        return unit.getTypeDecls().stream()
                .filter(ClassTree.class::isInstance)
                .map(ClassTree.class::cast)
                .toList();
    }

    /// The documentation comment of a member, or an empty string.
    String docOf(Tree tree) {
        String doc = trees.getDocComment(TreePath.getPath(unit, tree));
        return doc == null ? "" : doc;
    }

    /// The first line of a tree, counted from 1.
    int firstLine(Tree tree) {
        return lineOf(trees.getSourcePositions().getStartPosition(unit, tree));
    }

    /// The last line of a tree, counted from 1.
    int lastLine(Tree tree) {
        return lineOf(trees.getSourcePositions().getEndPosition(unit, tree));
    }

    private int lineOf(long position) {
        LineMap lines = unit.getLineMap();
        return position < 0 ? -1 : (int) lines.getLineNumber(position);
    }

    /// The lines of a tree and the comment lines right above it.
    String linesWithCommentAbove(Tree tree) {
        List<String> lines = text.lines().toList();
        int first = firstLine(tree);
        while (first > 1 && lines.get(first - 2).strip().startsWith("//")) {
            first--;
        }
        return String.join("\n", lines.subList(first - 1, lastLine(tree)));
    }

    @Override
    public String toString() {
        return path.getFileName().toString();
    }

    private static final class Holder {
        static final List<SourceFile> FILES = parse(Core.sources());

        static {
            if (FILES.size() < MIN_FILES) {
                throw new AssertionError("only " + FILES.size() + " sources of core were found");
            }
        }
    }
}
