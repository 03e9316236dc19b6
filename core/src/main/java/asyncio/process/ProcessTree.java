package asyncio.process;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A child and whatever it has started, as far as the system still knows whose they are.
///
/// A process whose parent has ended belongs to nobody: so the tree is noted before anybody in it is
/// ended.
///
/// Threads: loop-confined. Reading the system's table of processes takes some microseconds for each.
final class ProcessTree {
    private final ProcessHandle root;
    private final List<ProcessHandle> members = new ArrayList<>(); // the root first

    ProcessTree(ProcessHandle root) {
        this.root = root;
        members.add(root);
        look();
    }

    /// Notes those that came since.
    private void look() {
        try (Stream<ProcessHandle> found = root.descendants()) {
            found.filter(each -> !members.contains(each)).forEach(members::add);
        } catch (UnsupportedOperationException e) {
            // This system does not say: then it is the child alone.
        }
    }

    /// Asks all to end; parents before children, so that none is started anew.
    int terminate() {
        return end(false);
    }

    /// Ends all that are left, with those that came since.
    int kill() {
        look();
        return end(true);
    }

    private int end(boolean forcibly) {
        int count = 0;
        for (ProcessHandle each : members) {
            // Safety: a handle knows when its process began, so no other one with the same number is hit.
            boolean told = each.isAlive() && (forcibly ? each.destroyForcibly() : each.destroy());
            count += told ? 1 : 0;
        }
        return count;
    }

    /// Whether one that the root has started is left.
    boolean isAnyDescendantAlive() {
        return members.stream().skip(1).anyMatch(each -> each.isAlive() && !hasEnded(each));
    }

    /// A process that nobody has reaped yet is in the table, but has neither a program nor arguments. It may stay
    /// so for long: in a container, nobody may be there to reap what has lost its parent.
    private static boolean hasEnded(ProcessHandle handle) {
        ProcessHandle.Info info = handle.info();
        return info.command().isEmpty() && info.commandLine().isEmpty();
    }
}
