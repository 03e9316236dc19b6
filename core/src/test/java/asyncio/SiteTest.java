package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SiteTest {
    @Test
    void isUserCode_libraryAndJdk_areNot() {
        assertThat(Site.isUserCode("asyncio.Task")).isFalse();
        assertThat(Site.isUserCode("java.util.List")).isFalse();
        assertThat(Site.isUserCode("jdk.internal.misc.Unsafe")).isFalse();
        assertThat(Site.isUserCode("sun.misc.Signal")).isFalse();
        assertThat(Site.isUserCode("asynciox.Main")).isTrue();
        assertThat(Site.isUserCode("com.example.Main")).isTrue();
    }

    @Test
    void place_withAndWithoutFile_namesWhatIsKnown() {
        assertThat(Site.place(new StackTraceElement("a.Api", "get", "Api.java", 41)))
                .isEqualTo("Api.java:41");
        assertThat(Site.place(new StackTraceElement("a.Api", "get", null, -1))).isEqualTo("a.Api.get");
    }

    @Test
    void locate_noSite_saysSo() {
        assertThat(Site.locate(null)).isEqualTo("an unknown place");
    }

    @Test
    void here_calledByTheTestRunner_hasTenUserFramesAtMost() {
        Site site = Site.here(); // this test's own frames are the library's; the runner's are not

        assertThat(site.trace().lines().filter(line -> !line.isEmpty()))
                .isNotEmpty()
                .hasSizeLessThanOrEqualTo(10)
                .allMatch(line -> line.startsWith("    at "))
                .noneMatch(line -> line.contains("asyncio.SiteTest"));
    }
}
