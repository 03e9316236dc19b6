package asyncio.process;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The environment variables of a child.
///
/// Threads: immutable.
///
/// @param isInherited whether the child gets this program's variables, too
/// @param variables those that are set, or set to another value
/// @param removed those of this program that the child does not get
public record Environment(boolean isInherited, Map<String, String> variables, Set<String> removed) {
    /// This program's variables.
    public static final Environment INHERITED = new Environment(true, Map.of(), Set.of());

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the name of a variable is empty or has an `=`
    public Environment {
        variables = Map.copyOf(variables);
        removed = Set.copyOf(removed);
        for (String name : variables.keySet()) {
            if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("name of a variable must not be empty or contain =: got " + name);
            }
        }
    }

    /// These variables and no others; asyncio's `env`.
    ///
    /// @param variables the variables
    /// @return the environment
    public static Environment only(Map<String, String> variables) {
        return new Environment(false, variables, Set.of());
    }

    /// The same with a variable.
    ///
    /// @param name its name
    /// @param value its value
    /// @return a new environment
    /// @throws IllegalArgumentException if the name is empty or has an `=`
    public Environment with(String name, String value) {
        Map<String, String> more = new HashMap<>(variables);
        more.put(name, Objects.requireNonNull(value, "value must not be null: use without(name)"));
        Set<String> fewer = new HashSet<>(removed);
        fewer.remove(name);
        return new Environment(isInherited, more, fewer);
    }

    /// The same without a variable.
    ///
    /// @param name its name
    /// @return a new environment
    public Environment without(String name) {
        Map<String, String> fewer = new HashMap<>(variables);
        fewer.remove(name);
        Set<String> more = new HashSet<>(removed);
        more.add(name);
        return new Environment(isInherited, fewer, more);
    }

    /// Makes the variables of a process builder what this says.
    void applyTo(Map<String, String> target) {
        if (!isInherited) {
            target.clear();
        }
        target.keySet().removeAll(removed);
        target.putAll(variables);
    }
}
