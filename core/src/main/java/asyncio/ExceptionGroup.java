package asyncio;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Several failures that happened together, such as those of a task group's children.
///
/// Always a group, even of one: use [#throwIfSingle()] to get at a lone failure. Printed as a tree.
/// Groups may be nested.
///
/// Threads: immutable, but for what `Throwable` lets anybody add.
public final class ExceptionGroup extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The failures; a JDK list, which is serializable.
    @SuppressWarnings("serial") // List.copyOf returns a serializable list of throwables
    private final List<Throwable> exceptions;

    /// Groups failures.
    ///
    /// @param message what they have in common
    /// @param exceptions the failures, in the order in which they happened
    /// @throws IllegalArgumentException if there are none
    public ExceptionGroup(String message, List<? extends Throwable> exceptions) {
        super(message);
        if (exceptions.isEmpty()) {
            throw new IllegalArgumentException("exceptions must not be empty: throw nothing if nothing failed");
        }
        this.exceptions = List.copyOf(exceptions);
        this.exceptions.forEach(this::addSuppressed); // for those who print this as the cause of another
    }

    /// The failures, in the order in which they happened.
    ///
    /// @return an immutable list, never empty
    public List<Throwable> exceptions() {
        return exceptions;
    }

    @Override
    public String getMessage() {
        int count = exceptions.size();
        return super.getMessage() + " (" + count + (count == 1 ? " sub-exception)" : " sub-exceptions)");
    }

    /// Throws the failure itself if there is only one, through any number of groups of one.
    ///
    /// @throws ExceptionGroup this group, if it has more than one failure
    public void throwIfSingle() {
        Throwable single = this;
        while (single instanceof ExceptionGroup group && group.exceptions.size() == 1) {
            single = group.exceptions.getFirst();
        }
        if (single instanceof ExceptionGroup) {
            throw this;
        }
        throw Sneaky.rethrow(single);
    }

    /// Parts the failures into those of a type and the rest, keeping the nesting.
    ///
    /// @param type the type
    /// @return the two halves
    public Split split(Class<? extends Throwable> type) {
        return split(type::isInstance);
    }

    /// Parts the failures into those that fulfil a condition and the rest, keeping the nesting.
    ///
    /// @param condition asked for each failure that is not a group itself
    /// @return the two halves
    public Split split(Predicate<? super Throwable> condition) {
        List<Throwable> matching = new ArrayList<>();
        List<Throwable> rest = new ArrayList<>();
        for (Throwable each : exceptions) {
            if (each instanceof ExceptionGroup group) {
                Split inner = group.split(condition);
                addIfPresent(matching, inner.matching());
                addIfPresent(rest, inner.rest());
            } else {
                (condition.test(each) ? matching : rest).add(each);
            }
        }
        return new Split(derive(matching), derive(rest));
    }

    private static void addIfPresent(List<Throwable> target, @Nullable ExceptionGroup group) {
        if (group != null) {
            target.add(group);
        }
    }

    private @Nullable ExceptionGroup derive(List<Throwable> part) {
        if (part.isEmpty()) {
            return null;
        }
        if (part.equals(exceptions)) {
            return this;
        }
        ExceptionGroup derived = new ExceptionGroup(String.valueOf(super.getMessage()), part);
        derived.setStackTrace(getStackTrace());
        if (getCause() != null) {
            derived.initCause(getCause());
        }
        return derived;
    }

    @Override
    public void printStackTrace(PrintStream stream) {
        stream.print(tree());
    }

    @Override
    public void printStackTrace(PrintWriter writer) {
        writer.print(tree());
    }

    private String tree() {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text);
        writer.println(this);
        for (StackTraceElement frame : getStackTrace()) {
            writer.println("\tat " + frame);
        }
        int number = 0;
        for (Throwable each : exceptions) {
            StringWriter part = new StringWriter();
            each.printStackTrace(new PrintWriter(part, true));
            writer.println("  +---------------- " + ++number + " of " + exceptions.size() + " ----------------");
            part.toString().lines().forEach(line -> writer.println("  | " + line));
        }
        writer.println("  +------------------------------------");
        for (Throwable note : getSuppressed()) {
            if (!exceptions.contains(note)) {
                writer.println("Suppressed: " + note);
            }
        }
        if (getCause() != null) {
            writer.print("Caused by: ");
            getCause().printStackTrace(writer);
        }
        writer.flush();
        return text.toString();
    }

    /// The two halves of a group.
    ///
    /// @param matching the failures that fulfil the condition, or null if there are none
    /// @param rest the others, or null if there are none
    public record Split(
            @Nullable ExceptionGroup matching, @Nullable ExceptionGroup rest) {}
}
