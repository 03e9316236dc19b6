package asyncio.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCacheTest {
    private static final String KEY = "a".repeat(64);

    @TempDir
    Path directory;

    private ProgramCache cache;
    private Path entry;

    @BeforeEach
    void setUp() {
        cache = new ProgramCache(directory.resolve("cache").toFile());
        entry = directory.resolve("cache").resolve(KEY);
    }

    @Test
    void load_nothingStored_isMiss() {
        assertThat(cache.load(KEY)).isNull();
    }

    @Test
    void load_stored_isTheSameProgram() {
        cache.store(KEY, program());

        CompiledProgram loaded = cache.load(KEY);

        assertThat(loaded).isNotNull();
        assertThat(loaded.mainClass()).isEqualTo("Greet");
        assertThat(loaded.classes()).containsOnlyKeys("Greet", "Greet$Inner");
        assertThat(loaded.classes().get("Greet$Inner")).containsExactly(4, 5);
    }

    @Test
    void load_corruptedClass_isMissAndDeletesTheEntry() throws IOException {
        cache.store(KEY, program());
        Files.write(entry.resolve("1"), new byte[] {4, 6});

        assertThat(cache.load(KEY)).isNull();
        assertThat(entry).doesNotExist();
    }

    @Test
    void load_missingClass_isMissAndDeletesTheEntry() throws IOException {
        cache.store(KEY, program());
        Files.delete(entry.resolve("0"));

        assertThat(cache.load(KEY)).isNull();
        assertThat(entry).doesNotExist();
    }

    @Test
    void load_manifestNamesAnotherMain_isMissAndDeletesTheEntry() throws IOException {
        cache.store(KEY, program());
        Path manifest = entry.resolve(ProgramCache.MANIFEST);
        Files.writeString(manifest, Files.readString(manifest).replace("main Greet\n", "main Other\n"));

        assertThat(cache.load(KEY)).isNull();
        assertThat(entry).doesNotExist();
    }

    @Test
    void load_manifestTruncatedAnywhere_isMiss() throws IOException {
        cache.store(KEY, program());
        byte[] manifest = Files.readAllBytes(entry.resolve(ProgramCache.MANIFEST));

        for (int length = 0; length < manifest.length; length++) {
            cache.store(KEY, program());
            Files.write(entry.resolve(ProgramCache.MANIFEST), Arrays.copyOf(manifest, length));
            assertThat(cache.load(KEY)).as("first %s bytes", length).isNull();
        }
    }

    @Test
    void load_manifestIsGarbage_isMissAndDeletesTheEntry() throws IOException {
        cache.store(KEY, program());
        Files.write(entry.resolve(ProgramCache.MANIFEST), new byte[] {-1, 0, 10, -128});

        assertThat(cache.load(KEY)).isNull();
        assertThat(entry).doesNotExist();
    }

    @Test
    void load_entryIsAFile_isMissAndDeletesIt() throws IOException {
        Files.createDirectories(entry.getParent());
        Files.writeString(entry, "not a directory");

        assertThat(cache.load(KEY)).isNull();
        assertThat(entry).doesNotExist();
    }

    @Test
    void store_takenKey_keepsTheFirstAndLeavesNothingBehind() throws IOException {
        cache.store(KEY, program());
        cache.store(KEY, program());

        assertThat(cache.load(KEY)).isNotNull();
        assertThat(names()).containsExactly(KEY);
    }

    @Test
    void store_directoryCannotBeMade_isSilentlyNotKept() throws IOException {
        Files.writeString(directory.resolve("file"), "in the way");
        ProgramCache blocked = new ProgramCache(directory.resolve("file").toFile());

        blocked.store(KEY, program());

        assertThat(blocked.load(KEY)).isNull();
    }

    @Test
    void store_beyondTheLimit_dropsTheLeastRecentlyUsed() throws IOException {
        for (int i = 0; i < ProgramCache.LIMIT_COUNT; i++) {
            cache.store(key(i), program());
            Files.setLastModifiedTime(entry.resolveSibling(key(i)), FileTime.fromMillis(1_000_000L * (i + 1)));
        }
        assertThat(cache.load(key(0))).isNotNull(); // used just now

        cache.store(KEY, program());

        assertThat(names())
                .hasSize(ProgramCache.LIMIT_COUNT)
                .contains(KEY, key(0))
                .doesNotContain(key(1));
    }

    @Test
    void store_abandonedTemporaryDirectory_isRemoved() throws IOException {
        Path abandoned = Files.createDirectories(entry.resolveSibling(".new-abandoned"));
        Files.setLastModifiedTime(abandoned, FileTime.fromMillis(0));
        Files.createDirectories(entry.resolveSibling(".new-busy"));

        cache.store(KEY, program());

        assertThat(names()).containsExactlyInAnyOrder(KEY, ".new-busy");
    }

    @Test
    void ofUser_prefersItsOwnVariableThenTheSharedOneThenTheHome() {
        assertThat(directoryFor(Map.of("ASYNCIO_CACHE", "/own", "XDG_CACHE_HOME", "/shared")))
                .isEqualTo(new File("/own"));
        assertThat(directoryFor(Map.of("XDG_CACHE_HOME", "/shared"))).isEqualTo(new File("/shared/asyncio"));
        assertThat(directoryFor(Map.of())).isEqualTo(new File(System.getProperty("user.home") + "/.cache/asyncio"));
    }

    private static File directoryFor(Map<String, String> environment) {
        return ProgramCache.ofUser(environment).directory();
    }

    private String[] names() {
        String @Nullable [] names = cache.directory().list();
        return names == null ? new String[0] : names;
    }

    private static String key(int number) {
        return Hash.hex(String.valueOf(number).getBytes(StandardCharsets.UTF_8));
    }

    private static CompiledProgram program() {
        Map<String, byte[]> classes = new LinkedHashMap<>();
        classes.put("Greet", new byte[] {1, 2, 3});
        classes.put("Greet$Inner", new byte[] {4, 5});
        return new CompiledProgram("Greet", classes);
    }
}
