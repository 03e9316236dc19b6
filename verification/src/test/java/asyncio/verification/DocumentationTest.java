package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the comments must say, and where.
class DocumentationTest {
    private static final Pattern REACHES_INTO_JDK = Pattern.compile(
            "findVarHandle|findConstructor|findGetter|privateLookupIn|setAccessible|Class\\.forName|invokeExact"
                    + "|\\.getMethod\\(|\\.getConstructor\\(|newProxyInstance|\\w+_\\w+\\.(get|set)\\(self");
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b");
    private static final Pattern THROWABLE = Pattern.compile(".*(Error|Exception|Throwable)");

    /// Methods that hand a coroutine out and say nothing about cancellation, and why.
    private static final Map<String, String> NO_CANCELLATION = Map.of(
            "Asyncio.async", "only makes the coroutine: what cancellation does is up to its body",
            "Task.coroutine", "tells which coroutine a task runs");

    @Test
    void publicTypesAndMethods_all_areDocumented() {
        List<String> bare = new ArrayList<>();
        int[] seen = {0};
        forEachType((file, type, name) -> {
            if (!isPublic(type)) {
                return;
            }
            seen[0]++;
            if (file.docOf(type).isBlank()) {
                bare.add(name);
            }
            boolean isInterface = type.getKind() == Tree.Kind.INTERFACE || type.getKind() == Tree.Kind.ANNOTATION_TYPE;
            for (Tree member : type.getMembers()) {
                if (member instanceof MethodTree method && isApi(file, method, isInterface)) {
                    seen[0]++;
                    if (file.docOf(method).isBlank()) {
                        bare.add(name + "." + method.getName());
                    }
                }
            }
        });

        assertThat(bare).isEmpty();
        assertThat(seen[0]).isGreaterThan(300);
    }

    private static boolean isApi(SourceFile file, MethodTree method, boolean inInterface) {
        var modifiers = method.getModifiers();
        boolean reachable = modifiers.getFlags().contains(Modifier.PUBLIC)
                || modifiers.getFlags().contains(Modifier.PROTECTED)
                || inInterface && !modifiers.getFlags().contains(Modifier.PRIVATE);
        boolean overrides = modifiers.getAnnotations().stream()
                .anyMatch(
                        annotation -> annotation.getAnnotationType().toString().equals("Override"));
        boolean written = file.lastLine(method) > 0; // the parser adds a record's constructor
        return reachable && !overrides && written;
    }

    /// Exempt are enums and records, which are immutable; throwables, which belong to whoever
    /// catches them; functional interfaces, whose rule is their caller's; nested types, which share
    /// the rule of the type around them.
    @Test
    void types_all_sayWhichThreadsMayUseThem() {
        List<String> silent = new ArrayList<>();
        int[] seen = {0};
        forEachType((file, type, name) -> {
            boolean exempt = type.getKind() == Tree.Kind.ENUM
                    || type.getKind() == Tree.Kind.RECORD
                    || type.getKind() == Tree.Kind.ANNOTATION_TYPE
                    || type.getExtendsClause() != null
                            && THROWABLE
                                    .matcher(type.getExtendsClause().toString())
                                    .matches()
                    || type.getModifiers().getAnnotations().stream()
                            .anyMatch(
                                    each -> each.getAnnotationType().toString().equals("FunctionalInterface"));
            if (!exempt && file.types().contains(type)) {
                seen[0]++;
                if (!file.docOf(type).contains("Threads:")) {
                    silent.add(name);
                }
            }
        });

        assertThat(silent).isEmpty();
        assertThat(seen[0]).isGreaterThan(60);
    }

    @Test
    void methodsThatReturnCoroutines_all_sayWhatCancellationDoes() {
        List<String> silent = new ArrayList<>();
        TreeSet<String> excepted = new TreeSet<>();
        int[] seen = {0};
        forEachType((file, type, name) -> {
            if (!isPublic(type)) {
                return;
            }
            for (Tree member : type.getMembers()) {
                if (member instanceof MethodTree method
                        && method.getModifiers().getFlags().contains(Modifier.PUBLIC)
                        && String.valueOf(method.getReturnType()).contains("Coroutine<")) {
                    seen[0]++;
                    String qualified = name + "." + method.getName();
                    if (file.docOf(method).contains("Cancellation:")) {
                        continue;
                    }
                    if (NO_CANCELLATION.containsKey(qualified)) {
                        excepted.add(qualified);
                    } else {
                        silent.add(qualified);
                    }
                }
            }
        });

        assertThat(silent).isEmpty();
        assertThat(excepted).as("each exception is still needed").isEqualTo(new TreeSet<>(NO_CANCELLATION.keySet()));
        assertThat(seen[0]).isGreaterThan(20);
    }

    @Test
    void reflection_everyUse_saysWhyItIsSafe() {
        List<String> unargued = new ArrayList<>();
        int[] seen = {0};
        forEachType((file, type, name) -> {
            for (Tree member : type.getMembers()) {
                if (member instanceof MethodTree || member instanceof BlockTree || member instanceof VariableTree) {
                    String text = file.lastLine(member) < 0 ? "" : file.linesWithCommentAbove(member);
                    if (REACHES_INTO_JDK.matcher(text).find()) {
                        seen[0]++;
                        if (!text.contains("// Safety:")) {
                            unargued.add(name + " line " + file.firstLine(member));
                        }
                    }
                }
            }
        });

        assertThat(unargued).isEmpty();
        assertThat(seen[0]).isGreaterThanOrEqualTo(8);
    }

    @Test
    void fieldsOfPublicTypes_notFinal_sayWhoOwnsThem() {
        List<String> bare = new ArrayList<>();
        int[] seen = {0};
        forEachType((file, type, name) -> {
            if (!isPublic(type) || type.getKind() == Tree.Kind.INTERFACE || type.getKind() == Tree.Kind.RECORD) {
                return;
            }
            List<String> lines = file.text().lines().toList();
            for (Tree member : type.getMembers()) {
                if (member instanceof VariableTree field
                        && !field.getModifiers().getFlags().contains(Modifier.FINAL)
                        && file.firstLine(field) > 0
                        && !isEnumConstant(type, field)) {
                    seen[0]++;
                    String above = lines.get(file.firstLine(field) - 2);
                    String last = lines.get(file.lastLine(field) - 1);
                    if (!last.contains("//") && !above.strip().startsWith("//")) {
                        bare.add(name + "." + field.getName());
                    }
                }
            }
        });

        assertThat(bare).isEmpty();
        assertThat(seen[0]).isGreaterThan(30);
    }

    private static boolean isEnumConstant(ClassTree type, VariableTree field) {
        return type.getKind() == Tree.Kind.ENUM
                && field.getType() != null
                && field.getType().toString().equals(type.getSimpleName().toString());
    }

    @Test
    void sources_all_areFinished() {
        List<String> unfinished = SourceFile.ofCore().stream()
                .filter(file -> UNFINISHED.matcher(file.text()).find())
                .map(SourceFile::toString)
                .toList();

        assertThat(unfinished).isEmpty();
    }

    private static boolean isPublic(ClassTree type) {
        return type.getModifiers().getFlags().contains(Modifier.PUBLIC);
    }

    private static void forEachType(TypeVisitor visitor) {
        for (SourceFile file : SourceFile.ofCore()) {
            new TreeScanner<@Nullable Void, String>() {
                @Override
                public @Nullable Void visitClass(ClassTree type, String outer) {
                    String name = outer + type.getSimpleName();
                    visitor.visit(file, type, name);
                    return super.visitClass(type, name + ".");
                }
            }.scan(file.unit(), "");
        }
    }

    @FunctionalInterface
    private interface TypeVisitor {
        void visit(SourceFile file, ClassTree type, String name);
    }
}
