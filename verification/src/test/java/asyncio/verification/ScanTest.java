package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// A rule over classes that were not found passes silently, so first see that they are found.
class ScanTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("asyncio");

    @Test
    void scan_coreAndCommandLine_areFound() {
        assertThat(CLASSES.contain("asyncio.Asyncio")).isTrue();
        assertThat(CLASSES.contain("asyncio.cli.Main")).isTrue();
    }
}
