import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.sync.Queue;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The bank in front of a real PostgreSQL.
class BankTest {
    private static final Duration GUARD = Duration.ofMinutes(1); // against hanging
    private static final String SUM = "SELECT sum(balance) FROM bank_demo";
    private static final String SLEEPING =
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                    + " AND query = 'SELECT pg_sleep(600)'";

    @TempDir static Path directory;

    private static EmbeddedPostgres server;

    private final Example bank;

    BankTest() throws ReflectiveOperationException {
        bank = Example.of("Bank");
    }

    @BeforeAll
    static void startServer() {
        // Its programs are unpacked once, and stay with what else is built
        System.setProperty("ot.epg.working-dir", new File("target/postgres").getAbsolutePath());
        try {
            server = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(30)).start();
        } catch (IOException | IllegalStateException e) {
            throw new AssertionError(
                    "PostgreSQL does not start. For root it needs 'unshare -U true' to work: install"
                            + " util-linux, allow user namespaces (sysctl user.max_user_namespaces),"
                            + " or run the tests as another user",
                    e);
        }
    }

    @AfterAll
    static void stopServer() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void openAccounts() throws SQLException {
        admin("DROP TABLE IF EXISTS bank_demo");
        admin("CREATE TABLE bank_demo (id int, balance int CHECK (balance >= 0))");
        admin("INSERT INTO bank_demo SELECT generate_series(1, 10), 1000");
    }

    @Test
    void program_realServer_sumStaysTheSame() throws Exception {
        String output = bank.with("url", url("program")).output(LoopOptions.defaults());

        assertThat(output.lines())
                .containsExactly(
                        "300 transfers between 10 accounts with 1000 each",
                        "too much: refused, SQL state 23514",
                        "a slow statement: cancelled",
                        "sum: 10000");
    }

    @Test
    void transfer_manyTasks_shareTheConnections() throws Exception {
        withPool(
                3,
                "shared",
                pool -> {
                    await(
                            taskGroup(group -> {
                                for (int i = 0; i < 200; i++) {
                                    group.createTask(
                                            transfer(pool, i % 10 + 1, (i + 1) % 10 + 1, 1));
                                }
                            }));

                    assertThat(admin(SUM)).isEqualTo("10000");
                    assertThat(admin(backends("shared"))).isEqualTo("3");
                });
    }

    @Test
    void transfer_conflict_isDoneAgain() throws Exception {
        withPool(
                1,
                "conflict",
                pool -> {
                    Task<?> transfer;
                    try (Connection other = server.getPostgresDatabase().getConnection();
                            Statement statement = other.createStatement()) {
                        other.setAutoCommit(false);
                        statement.execute("UPDATE bank_demo SET balance = 500 WHERE id = 1");
                        transfer = createTask(transfer(pool, 1, 2, 100));
                        awaitTrue(
                                "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
                        other.commit(); // what the transfer has seen is out of date now
                    }
                    await(transfer);

                    assertThat(admin("SELECT balance FROM bank_demo WHERE id = 1"))
                            .isEqualTo("400");
                    assertThat(admin("SELECT balance FROM bank_demo WHERE id = 2"))
                            .isEqualTo("1100");
                });
    }

    @Test
    void transfer_notEnough_changesNothing() throws Exception {
        withPool(
                1,
                "refused",
                pool -> {
                    Throwable there = catchThrowable(() -> await(transfer(pool, 1, 2, 1001)));
                    Throwable back = catchThrowable(() -> await(transfer(pool, 2, 1, 1001)));

                    assertThat(List.of(there, back))
                            .allSatisfy(refused ->
                                    assertThat(refused)
                                            .isInstanceOf(SQLException.class)
                                            .hasMessageContaining("violates check constraint"));
                    assertThat(admin("SELECT min(balance) FROM bank_demo")).isEqualTo("1000");
                    assertThat(admin(backends("refused")))
                            .as("the connection is kept")
                            .isEqualTo("1");
                });
    }

    @Test
    void transfer_noSuchAccount_changesNothing() throws Exception {
        withPool(
                1,
                "nobody",
                pool -> {
                    for (Coroutine<?> transfer :
                            List.of(transfer(pool, 1, 11, 5), transfer(pool, 0, 1, 5))) {
                        assertThat(catchThrowable(() -> await(transfer)))
                                .hasMessageStartingWith("no such account: ");
                    }

                    assertThat(admin(SUM)).isEqualTo("10000");
                });
    }

    @Test
    void execute_cancelledMeanwhile_endsTheStatementAndReplacesTheConnection() throws Exception {
        withPool(
                2,
                "cancelled",
                pool -> {
                    Task<?> slow = createTask(execute(pool, "SELECT pg_sleep(600)"));
                    awaitTrue(SLEEPING.replace("count(*)", "count(*) = 1"));
                    slow.cancel();

                    assertThat(catchThrowable(() -> await(slow)))
                            .isInstanceOf(CancelledError.class);
                    assertThat(admin(SLEEPING)).isEqualTo("0");
                    awaitTrue(backends("cancelled").replace("count(*)", "count(*) = 0"));
                    assertThat(free(pool)).isEqualTo(2);
                    assertThat(await(execute(pool, "SELECT 1"))).isEqualTo(1);
                });
    }

    @Test
    void execute_cancelledInTheLine_takesNoConnection() throws Exception {
        withPool(
                1,
                "line",
                pool -> {
                    Task<?> slow = createTask(execute(pool, "SELECT pg_sleep(600)"));
                    awaitTrue(SLEEPING.replace("count(*)", "count(*) = 1"));
                    Throwable late =
                            catchThrowable(() ->
                                    await(
                                            waitFor(
                                                    execute(pool, "SELECT 1"),
                                                    Duration.ofMillis(1))));
                    slow.cancel();

                    assertThat(late).isInstanceOf(TimeoutException.class);
                    assertThat(await(execute(pool, "SELECT 2"))).isEqualTo(2);
                });
    }

    @Test
    void transfer_cancelledAtAnyMoment_sumAndPoolStayWhole() throws Exception {
        withPool(
                3,
                "chaos",
                pool -> {
                    List<Task<?>> transfers = new ArrayList<>();
                    for (int i = 0; i < 60; i++) {
                        transfers.add(createTask(transfer(pool, i % 10 + 1, (i + 1) % 10 + 1, 1)));
                    }
                    for (int i = 0; i < transfers.size(); i += 2) {
                        await(sleep(Duration.ofMillis(1)));
                        transfers.get(i).cancel();
                    }
                    await(gatherOutcomes(transfers));

                    assertThat(admin(SUM)).isEqualTo("10000");
                    assertThat(free(pool)).isEqualTo(3);
                    assertThat(transfers)
                            .filteredOn(each -> !each.isCancelled())
                            .hasSizeGreaterThan(29);
                });
    }

    @Test
    void execute_connectionWasBroken_failsOnceAndIsReplaced() throws Exception {
        withPool(
                1,
                "broken",
                pool -> {
                    await(execute(pool, "SELECT 1"));
                    admin(backends("broken").replace("count(*)", "pg_terminate_backend(pid)"));
                    awaitTrue(backends("broken").replace("count(*)", "count(*) = 0"));

                    assertThat(catchThrowable(() -> await(execute(pool, "SELECT 2"))))
                            .isInstanceOf(SQLException.class);
                    assertThat(await(execute(pool, "SELECT 3"))).isEqualTo(3);
                });
    }

    @Test
    void execute_noServer_saysSo() throws Exception {
        withPool(
                1,
                "x",
                ignored -> {
                    Object pool = bank.make("Pool", "jdbc:postgresql://127.0.0.1:1/postgres", 1);

                    assertThat(catchThrowable(() -> await(execute(pool, "SELECT 1"))))
                            .isInstanceOf(SQLException.class)
                            .hasMessageContaining("127.0.0.1:1 refused");
                    assertThat(free(pool)).isEqualTo(1);
                });
    }

    // What the tests are made of

    private interface PoolUse {
        void with(Object pool) throws Exception;
    }

    private void withPool(int size, String name, PoolUse use) throws Exception {
        Object pool = bank.make("Pool", url(name), size);
        try (EventLoop loop = EventLoop.create(LoopOptions.defaults())) {
            loop.runUntilComplete(
                    waitFor(
                            () -> {
                                try (AutoCloseable closed = (AutoCloseable) pool) {
                                    assertThat(closed).isNotNull();
                                    use.with(pool);
                                }
                            },
                            GUARD));
            loop.runUntilComplete(loop.shutdownDefaultExecutor(GUARD));
        }
    }

    private static String url(String name) {
        return server.getJdbcUrl("postgres", "postgres") + "&ApplicationName=" + name;
    }

    private static String backends(String name) {
        return "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + name + "'";
    }

    private Coroutine<?> transfer(Object pool, int from, int to, int amount)
            throws ReflectiveOperationException {
        return bank.coroutine("transfer", pool, from, to, amount);
    }

    private Coroutine<?> execute(Object pool, String sql) throws ReflectiveOperationException {
        return bank.coroutine("execute", pool, sql, new Object[0]);
    }

    private static int free(Object pool) throws ReflectiveOperationException {
        return ((Queue<?>) Example.around(pool).get("free")).size();
    }

    /// Waits until the server sees it so.
    private static void awaitTrue(String sql) throws SQLException {
        while (!admin(sql).equals("t")) {
            await(sleep(Duration.ofMillis(2)));
        }
    }

    /// Executes a statement on a connection of its own: the first value that it finds, as text.
    private static String admin(String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            ResultSet rows = statement.getResultSet();
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
