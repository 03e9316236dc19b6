package asyncio;

import java.util.Objects;

/// How a task group treats its children.
///
/// Threads: immutable.
///
/// @param limit how many children run at the same time; the others wait for their turn, first-in
///     first-out
/// @param joinPolicy which children the group waits for
public record GroupOptions(int limit, JoinPolicy joinPolicy) {
    /// As many children at the same time as there are.
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    /// No limit; the group waits for all children.
    public static final GroupOptions DEFAULT = new GroupOptions(NO_LIMIT, JoinPolicy.ALL);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the limit is not positive
    public GroupOptions {
        Objects.requireNonNull(joinPolicy, "joinPolicy must not be null");
        if (limit <= 0) {
            throw new IllegalArgumentException(
                    "limit must be positive: got " + limit + "; GroupOptions.NO_LIMIT means no limit");
        }
    }

    /// Options with a limit.
    ///
    /// @param limit how many children run at the same time
    /// @return new options
    /// @throws IllegalArgumentException if the limit is not positive
    public static GroupOptions limited(int limit) {
        return DEFAULT.limit(limit);
    }

    /// Options with a join policy.
    ///
    /// @param joinPolicy which children the group waits for
    /// @return new options
    public static GroupOptions joining(JoinPolicy joinPolicy) {
        return DEFAULT.joinPolicy(joinPolicy);
    }

    /// The same with a limit.
    ///
    /// @param newLimit how many children run at the same time
    /// @return new options
    /// @throws IllegalArgumentException if the limit is not positive
    public GroupOptions limit(int newLimit) {
        return new GroupOptions(newLimit, joinPolicy);
    }

    /// The same with a join policy.
    ///
    /// @param newJoinPolicy which children the group waits for
    /// @return new options
    public GroupOptions joinPolicy(JoinPolicy newJoinPolicy) {
        return new GroupOptions(limit, newJoinPolicy);
    }
}
