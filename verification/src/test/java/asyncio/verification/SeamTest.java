package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Time, threads, chance, selectors and the console are reached through the seams only.
class SeamTest {
    /// Who may do what nobody else may: the class, and what it is for.
    private static final Map<String, String> SEAMS = Map.ofEntries(
            Map.entry("asyncio.spi.SystemClock", "the clock: System.nanoTime"),
            Map.entry("asyncio.spi.NioPoller", "the poller: Selector.open"),
            Map.entry("asyncio.spi.SeededOrder", "the drawn order of what is ready: its random numbers have a seed"),
            Map.entry("asyncio.fiber.BatonFiber", "a fiber is a virtual thread"),
            Map.entry("asyncio.fiber.CarrierEngine", "a carrier for fibers that end while their loop is closed"),
            Map.entry("asyncio.fiber.OutsideCarriers", "carriers for fibers that are away from their loop"),
            Map.entry("asyncio.GracefulShutdown", "counts the grace period down, also if the loop is stuck"),
            Map.entry("asyncio.GuestRun", "waits in the place of a host that must not"),
            Map.entry("asyncio.process.PipeThread", "reads and writes pipes that the poller cannot watch"),
            Map.entry("asyncio.signal.JvmSignals", "a shutdown hook is a thread"),
            Map.entry("asyncio.inspect.Watchdog", "watches the loops from a thread of its own"),
            Map.entry("asyncio.net.GroupMember", "one loop of several, each on a thread of its own"),
            Map.entry("asyncio.net.SystemResolver", "names are looked up by native code that blocks"),
            Map.entry("asyncio.BlockingPortal", "runs a loop on a thread of its own for synchronous programs"),
            Map.entry(
                    "asyncio.DefaultExecutor", "blocking work needs threads; others wait for its end, elsewhere too"));

    private static final Set<String> CALLS = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.lang.Thread.sleep",
            "java.lang.Thread.<init>",
            "java.lang.Thread.ofVirtual",
            "java.lang.Thread.ofPlatform",
            "java.lang.Thread.startVirtualThread",
            "java.lang.Math.random",
            "java.util.Random.<init>",
            "java.util.SplittableRandom.<init>",
            "java.util.concurrent.ThreadLocalRandom.current",
            "java.nio.channels.Selector.open",
            "java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor",
            "java.util.concurrent.Executors.newCachedThreadPool",
            "java.util.concurrent.Executors.newFixedThreadPool");

    private static final Set<String> REFLECTION =
            Set.of("forName", "setAccessible", "privateLookupIn", "getDeclaredField", "getDeclaredMethod");

    @Test
    void calls_pastTheSeams_areMadeBySeamsOnly() {
        List<String> bypasses = new ArrayList<>();
        Set<String> users = new TreeSet<>();
        for (JavaClass type : Core.classes()) {
            for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                String target = access.getTargetOwner().getName() + "."
                        + access.getTarget().getName();
                if (CALLS.contains(target)) {
                    String user = type.getName().replaceFirst("\\$.*", "");
                    users.add(user);
                    if (!SEAMS.containsKey(user)) {
                        bypasses.add(access.getDescription());
                    }
                }
            }
        }

        assertThat(bypasses).isEmpty();
        assertThat(users).as("each exception is still needed").isEqualTo(new TreeSet<>(SEAMS.keySet()));
    }

    @Test
    void console_inCore_isNotUsed() {
        List<String> uses = new ArrayList<>();
        int accesses = 0;
        for (JavaClass type : Core.classes()) {
            for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                accesses++;
                String target = access.getTargetOwner().getName() + "."
                        + access.getTarget().getName();
                if (target.equals("java.lang.System.out")
                        || target.equals("java.lang.System.err")
                        || target.startsWith("java.lang.IO.")) {
                    uses.add(access.getDescription());
                }
            }
        }

        assertThat(uses).isEmpty();
        assertThat(accesses).isGreaterThan(2_000);
    }

    @Test
    void foreignMemory_inCore_isNotUsed() {
        assertThat(dependencies("java.lang.foreign")).isEmpty();
        assertThat(Core.classes().size()).isGreaterThan(Core.MIN_CLASSES);
    }

    @Test
    void internalsOfTheJdk_asTypes_areNotUsed() {
        assertThat(dependencies("jdk.internal")).isEmpty();
        assertThat(dependencies("sun.")).isEmpty();
        assertThat(dependencies("java.nio.channels"))
                .as("that dependencies are found at all")
                .isNotEmpty();
    }

    @Test
    void internalsOfTheJdk_byName_areUsedInTwoPackagesOnly() {
        Set<String> users = new TreeSet<>();
        for (JavaClass type : Core.classes()) {
            for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                if (REFLECTION.contains(access.getTarget().getName())) {
                    users.add(type.getName().replaceFirst("\\$.*", ""));
                }
            }
        }

        assertThat(users).containsExactly("asyncio.fiber.ThreadInternals", "asyncio.signal.JvmSignals");
    }

    @Test
    void signals_ofTheJdk_areNamedInOnePackageOnly() {
        Set<String> packages = new TreeSet<>();
        for (SourceFile file : SourceFile.ofCore()) {
            if (file.text().contains("\"sun.misc.")) {
                packages.add(file.packageName());
            }
        }

        assertThat(packages).containsExactly("asyncio.signal");
    }

    private static List<String> dependencies(String packagePrefix) {
        List<String> found = new ArrayList<>();
        for (JavaClass type : Core.classes()) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                if (dependency.getTargetClass().getPackageName().startsWith(packagePrefix)) {
                    found.add(dependency.getDescription());
                }
            }
        }
        return found;
    }
}
