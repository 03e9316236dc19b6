package flow;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.testing.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/// Runs the verifications of the Reactive Streams kit. It skips the rules that cannot be checked from
/// outside, and calls them "untested": they are counted here, so that no other one goes missing.
class ReactiveStreamsTest {
    private static void run(Class<?> verification, int tested, int untested) throws InterruptedException {
        RecordingLogger logger = new RecordingLogger();
        TestListenerAdapter results = new TestListenerAdapter();
        Kit.withLoop(logger, () -> {
            TestNG kit = new TestNG(false);
            kit.setVerbose(0);
            kit.setTestClasses(new Class<?>[] {verification});
            kit.addListener(results);
            kit.run();
        });

        assertThat(results.getFailedTests()).map(ReactiveStreamsTest::describe).isEmpty();
        assertThat(results.getConfigurationFailures()).isEmpty();
        assertThat(results.getConfigurationSkips()).isEmpty();
        assertThat(results.getSkippedTests())
                .map(ITestResult::getName)
                .allMatch(name -> name.startsWith("untested_"))
                .hasSize(untested);
        assertThat(results.getPassedTests()).hasSize(tested);
        assertThat(logger.entries())
                .filteredOn(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0)
                .isEmpty();
    }

    private static String describe(ITestResult result) {
        return result.getName() + ": " + result.getThrowable();
    }

    @Test
    void toPublisher_anyGenerator_keepsTheRulesForPublishers() throws InterruptedException {
        run(PublisherVerification.class, 31, 7);
    }

    @Test
    void fromPublisher_seenFromOutside_keepsTheRulesForSubscribers() throws InterruptedException {
        run(BlackboxVerification.class, 11, 15);
    }

    @Test
    void fromPublisher_withAProbe_keepsTheRulesForSubscribers() throws InterruptedException {
        run(WhiteboxVerification.class, 14, 13);
    }
}
