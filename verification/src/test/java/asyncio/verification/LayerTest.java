package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Packages use what lies below them, and nothing else.
class LayerTest {
    private static final Map<String, Integer> LAYERS = Map.ofEntries(
            Map.entry("asyncio.structure", 0),
            Map.entry("asyncio.fiber", 0),
            Map.entry("asyncio.spi", 1),
            Map.entry("asyncio.loop", 2),
            Map.entry("asyncio", 3),
            Map.entry("asyncio.sync", 4),
            Map.entry("asyncio.stream", 4),
            Map.entry("asyncio.tls", 5),
            Map.entry("asyncio.process", 5),
            Map.entry("asyncio.signal", 5),
            Map.entry("asyncio.net", 6),
            Map.entry("asyncio.inspect", 7));

    private static final List<String> OTHER_MODULES = List.of("asyncio.testing", "asyncio.cli", "asyncio.ffm");

    @Test
    void packages_all_haveALayer() {
        TreeSet<String> found = new TreeSet<>();
        Core.classes().forEach(type -> found.add(type.getPackageName()));
        found.remove(""); // module-info

        assertThat(found).hasSizeGreaterThanOrEqualTo(8).isSubsetOf(LAYERS.keySet());
    }

    @Test
    void dependencies_all_pointToALowerLayer() {
        List<String> upward = new ArrayList<>();
        int dependencies = 0;
        for (JavaClass type : Core.classes()) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String from = type.getPackageName();
                String to = dependency.getTargetClass().getPackageName();
                Integer lower = LAYERS.get(to);
                if (lower != null && !from.equals(to)) {
                    dependencies++;
                    if (lower >= LAYERS.getOrDefault(from, -1)) {
                        upward.add(dependency.getDescription());
                    }
                }
            }
        }

        assertThat(upward).as("dependencies on the same layer or a higher one").isEmpty();
        assertThat(dependencies).as("dependencies between packages").isGreaterThan(200);
    }

    @Test
    void dependencies_onOtherModulesOfThisProject_none() {
        List<String> outward = new ArrayList<>();
        for (JavaClass type : Core.classes()) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String target = dependency.getTargetClass().getPackageName();
                if (OTHER_MODULES.stream().anyMatch(target::startsWith)) {
                    outward.add(dependency.getDescription());
                }
            }
        }

        assertThat(outward).isEmpty();
        assertThat(Core.classes().size()).isGreaterThan(Core.MIN_CLASSES);
    }

    @Test
    void packages_all_areFreeOfCycles() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return LAYERS.containsKey(type.getPackageName())
                                ? SliceIdentifier.of(type.getPackageName())
                                : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "packages of core";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(Core.classes());
    }
}
