package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every change of the public signatures shows in a file that is kept with the sources.
///
/// `-Dapi.rewrite=true` writes the file anew; the difference then belongs into the same commit.
class ApiTest {
    @Test
    void signatures_ofExportedPackages_areTheOnesOnFile() throws IOException {
        String actual = dump();
        Path file = Core.repository().resolve("api/core.txt");
        if (Boolean.getBoolean("api.rewrite")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }

        assertThat(actual.lines().count()).isGreaterThan(300);
        assertThat(actual)
                .as("public signatures; run this test with -Dapi.rewrite=true if the change is meant")
                .isEqualTo(Files.readString(file));
    }

    private static String dump() {
        Set<String> exported = Set.copyOf(Core.exportedPackages());
        TreeMap<String, Class<?>> types = new TreeMap<>();
        for (JavaClass each : Core.classes()) {
            if (exported.contains(each.getPackageName())
                    && !each.getSimpleName().equals("package-info")) {
                Class<?> type = load(each.getName());
                if (isReachable(type)) {
                    types.put(type.getName(), type);
                }
            }
        }
        return types.values().stream().map(ApiTest::describe).collect(Collectors.joining("\n"));
    }

    private static boolean isReachable(Class<?> type) {
        return isVisible(type.getModifiers())
                && (type.getDeclaringClass() == null || isReachable(type.getDeclaringClass()))
                && !type.isAnonymousClass();
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String describe(Class<?> type) {
        TreeSet<String> members = new TreeSet<>();
        for (Field field : type.getDeclaredFields()) {
            if (isListed(field)) {
                members.add(words(field.getModifiers()) + text(field.getAnnotatedType()) + " " + field.getName());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isListed(constructor)) {
                members.add(words(constructor.getModifiers())
                        + variables(constructor)
                        + type.getSimpleName()
                        + parameters(constructor));
            }
        }
        for (Method method : methods(type)) {
            if (isListed(method) && !method.isBridge()) {
                members.add(words(method.getModifiers() & ~(Modifier.VOLATILE | Modifier.TRANSIENT))
                        + (method.isDefault() ? "default " : "")
                        + variables(method) + text(method.getAnnotatedReturnType()) + " " + method.getName()
                        + parameters(method));
            }
        }
        String body = members.stream().map(member -> "    " + member + "\n").collect(Collectors.joining());
        return header(type) + "\n" + body;
    }

    /// With those of superclasses that users cannot name.
    private static List<Method> methods(Class<?> type) {
        List<Method> methods = new ArrayList<>();
        Class<?> declaring = type;
        do {
            methods.addAll(Arrays.asList(declaring.getDeclaredMethods()));
            declaring = declaring.getSuperclass();
        } while (declaring != null && declaring != Object.class && !isReachable(declaring));
        return methods;
    }

    private static boolean isListed(Member member) {
        return isVisible(member.getModifiers()) && !member.isSynthetic();
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface "
                : type.isInterface() ? "interface " : type.isEnum() ? "enum " : type.isRecord() ? "record " : "class ";
        int modifiers = type.getModifiers() & ~Modifier.INTERFACE;
        if (type.isInterface()) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.STATIC);
        }
        AnnotatedType superclass = type.getAnnotatedSuperclass();
        boolean plain = superclass == null || type.isEnum() || type.isRecord() || type.getSuperclass() == Object.class;
        List<String> above = Stream.concat(
                        plain ? Stream.empty() : Stream.of(superclass), Arrays.stream(type.getAnnotatedInterfaces()))
                .map(ApiTest::text)
                .toList();
        return words(modifiers)
                + (type.isSealed() ? "sealed " : "")
                + kind
                + type.getName()
                + variables(type)
                + (above.isEmpty() ? "" : " : " + String.join(", ", above));
    }

    private static String words(int modifiers) {
        String text = Modifier.toString(modifiers & ~Modifier.SYNCHRONIZED & ~Modifier.NATIVE);
        return text.isEmpty() ? "" : text + " ";
    }

    private static String variables(GenericDeclaration declaration) {
        TypeVariable<?>[] variables = declaration.getTypeParameters();
        if (variables.length == 0) {
            return "";
        }
        String list = Arrays.stream(variables)
                .map(variable -> {
                    String bounds = Arrays.stream(variable.getAnnotatedBounds())
                            .map(ApiTest::text)
                            .collect(Collectors.joining(" & "));
                    return variable.getName() + (bounds.equals("Object") ? "" : " extends " + bounds);
                })
                .collect(Collectors.joining(", ", "<", ">"));
        return declaration instanceof Class<?> ? list : list + " ";
    }

    private static String parameters(Executable executable) {
        String list = Arrays.stream(executable.getAnnotatedParameterTypes())
                .map(ApiTest::text)
                .collect(Collectors.joining(", ", "(", ")"));
        String thrown = Arrays.stream(executable.getAnnotatedExceptionTypes())
                .map(ApiTest::text)
                .collect(Collectors.joining(", "));
        return list + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String text(AnnotatedType type) {
        return type.toString()
                .replace("@org.jspecify.annotations.Nullable()", "@Nullable")
                .replaceAll("\\bjava\\.lang\\.(?=[A-Z])", "")
                .replaceAll("\\bjava\\.util\\.(?=[A-Z])", "");
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
