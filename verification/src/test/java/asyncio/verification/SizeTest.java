package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.DoWhileLoopTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TryTree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Files, methods, parameter lists and nested statements stay within a reader's reach.
class SizeTest {
    private static final int MAX_FILE_LINES = 900;
    private static final int MAX_METHOD_LINES = 70;
    private static final int MAX_PARAMETERS = 6;
    private static final int MAX_NESTING = 3;
    private static final int MIN_METHODS = 500;

    /// What may be larger, by `Class.method`, and why.
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "BatonFiber.probeStack", "its parameters are what fills the stack that it probes",
            "Gather.all", "it takes six awaitables, each of a type of its own, and what combines them");

    /// The entry class: each of its methods delegates in a line or two, and most lines are documentation.
    private static final String ENTRY_CLASS = "Asyncio.java";

    private static final int MAX_ENTRY_CLASS_LINES = 1_200;

    @Test
    void files_all_keepTheCap() {
        List<String> tooLong = SourceFile.ofCore().stream()
                .filter(file -> file.text().lines().count()
                        > (file.toString().endsWith(ENTRY_CLASS) ? MAX_ENTRY_CLASS_LINES : MAX_FILE_LINES))
                .map(SourceFile::toString)
                .toList();

        assertThat(tooLong).isEmpty();
    }

    @Test
    void methods_all_keepTheCaps() {
        List<String> tooLarge = new ArrayList<>();
        TreeSet<String> excepted = new TreeSet<>();
        int[] methods = {0};
        for (SourceFile file : SourceFile.ofCore()) {
            new MethodScanner(file) {
                @Override
                void method(String name, MethodTree method) {
                    methods[0]++;
                    int lines = file.lastLine(method) - file.firstLine(method) + 1;
                    int parameters = method.getParameters().size();
                    int nesting = Nesting.of(method);
                    if (lines > MAX_METHOD_LINES || parameters > MAX_PARAMETERS || nesting > MAX_NESTING) {
                        if (EXCEPTIONS.containsKey(name)) {
                            excepted.add(name);
                        } else {
                            tooLarge.add(
                                    name + ": lines=" + lines + " parameters=" + parameters + " nesting=" + nesting);
                        }
                    }
                }
            }.scanFile();
        }

        assertThat(tooLarge).isEmpty();
        assertThat(excepted).as("each exception is still needed").isEqualTo(new TreeSet<>(EXCEPTIONS.keySet()));
        assertThat(methods[0]).isGreaterThan(MIN_METHODS);
    }

    /// Calls back for each method with a body, under the name of its class.
    private abstract static class MethodScanner extends TreeScanner<@Nullable Void, String> {
        private final SourceFile file;

        MethodScanner(SourceFile file) {
            this.file = file;
        }

        void scanFile() {
            scan(file.unit(), "");
        }

        abstract void method(String name, MethodTree method);

        @Override
        public @Nullable Void visitClass(ClassTree type, String outer) {
            String name = type.getSimpleName().isEmpty()
                    ? outer + "$"
                    : type.getSimpleName().toString();
            return super.visitClass(type, name);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, String type) {
            if (file.lastLine(method) > 0) {
                method(type + "." + method.getName(), method);
            }
            return super.visitMethod(method, type);
        }
    }

    /// How deep statements are nested; an `else if` is no deeper than its `if`, and a lambda begins
    /// anew.
    private static final class Nesting extends TreeScanner<@Nullable Void, Integer> {
        private int deepest;

        static int of(MethodTree method) {
            Nesting nesting = new Nesting();
            nesting.scan(method.getBody(), 0);
            return nesting.deepest;
        }

        private int deeper(int depth) {
            deepest = Math.max(deepest, depth + 1);
            return depth + 1;
        }

        @Override
        public @Nullable Void visitIf(IfTree tree, Integer depth) {
            int inner = deeper(depth);
            scan(tree.getThenStatement(), inner);
            Tree otherwise = tree.getElseStatement();
            scan(otherwise, otherwise instanceof IfTree ? depth : inner);
            return scan(tree.getCondition(), depth);
        }

        @Override
        public @Nullable Void visitForLoop(ForLoopTree tree, Integer depth) {
            return super.visitForLoop(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitEnhancedForLoop(EnhancedForLoopTree tree, Integer depth) {
            return super.visitEnhancedForLoop(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitWhileLoop(WhileLoopTree tree, Integer depth) {
            return super.visitWhileLoop(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitDoWhileLoop(DoWhileLoopTree tree, Integer depth) {
            return super.visitDoWhileLoop(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitSwitch(SwitchTree tree, Integer depth) {
            return super.visitSwitch(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitSwitchExpression(SwitchExpressionTree tree, Integer depth) {
            return super.visitSwitchExpression(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitTry(TryTree tree, Integer depth) {
            int inner = deeper(depth);
            scan(tree.getResources(), depth);
            scan(tree.getBlock(), inner);
            for (CatchTree handler : tree.getCatches()) {
                scan(handler.getBlock(), inner);
            }
            return scan(tree.getFinallyBlock(), inner);
        }

        @Override
        public @Nullable Void visitSynchronized(SynchronizedTree tree, Integer depth) {
            return super.visitSynchronized(tree, deeper(depth));
        }

        @Override
        public @Nullable Void visitLambdaExpression(LambdaExpressionTree tree, Integer depth) {
            return super.visitLambdaExpression(tree, 0);
        }

        @Override
        public @Nullable Void visitClass(ClassTree tree, Integer depth) {
            return null; // its methods are visited by themselves
        }
    }
}
