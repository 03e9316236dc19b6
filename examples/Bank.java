import static asyncio.Asyncio.*;
import static asyncio.ReturnWhen.ALL_COMPLETED;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Task;
import asyncio.ThreadOptions;
import asyncio.TimeoutException;
import asyncio.sync.Queue;
import java.sql.*;

// Money moves between accounts in PostgreSQL. JDBC blocks, so it runs on threads, and hundreds of
// tasks share a few connections: ./asyncio run -cp postgresql.jar examples/Bank.java [JDBC URL]

static final int ATTEMPTS = 10; // at a transaction that is in conflict with others
static final Duration GRACE = Duration.ofSeconds(5); // for the end of what was cancelled
static final ThreadOptions AWAITED = ThreadOptions.DEFAULT.awaited(true);

interface Work<T> {
    T run(Session session) throws SQLException;
}

/// A connection, opened when it is needed. One thread uses it; others may cancel what it does.
static final class Session {
    private volatile Connection connection;
    private volatile Statement running;

    /// Does work in a transaction; if it fails, nothing has changed.
    <T> T transaction(String url, Work<T> work) throws SQLException {
        if (connection == null || connection.isClosed()) { // it closes itself when it is broken
            Connection fresh = DriverManager.getConnection(url);
            fresh.setAutoCommit(false);
            fresh.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection = fresh;
        }
        try {
            T result = work.run(this);
            connection.commit();
            return result;
        } finally {
            connection.rollback(); // after a commit, this does nothing
        }
    }

    /// Executes a statement: gives the first value that it finds, or null.
    Object execute(String sql, Object... values) throws SQLException {
        checkCancelled(); // a cancel() that came before this statement did not find it
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            running = statement;
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            ResultSet rows = statement.execute() ? statement.getResultSet() : null;
            return rows != null && rows.next() ? rows.getObject(1) : null;
        } finally {
            running = null;
        }
    }

    /// Asks the server to end the statement that runs, if there is one.
    void cancel() throws SQLException {
        Statement statement = running;
        if (statement != null) {
            statement.cancel();
        }
    }

    void abort() throws SQLException {
        if (connection != null) {
            connection.abort(Runnable::run);
        }
    }
}

/// A number of sessions, each lent to one task at a time.
static final class Pool implements AutoCloseable {
    private final String url;
    private final Queue<Session> free;

    Pool(String url, int size) {
        this.url = url;
        free = new Queue<>(size);
        while (free.tryPut(new Session())) {}
    }

    /// Does a transaction; again, if PostgreSQL has undone it because of another one.
    <T> Coroutine<T> transaction(Work<T> work) {
        return async(() -> {
            for (int attempt = 1; ; attempt++) {
                try {
                    return await(attempt(work), SQLException.class);
                } catch (SQLException e) { // serialization failure, deadlock
                    boolean conflict = String.valueOf(e.getSQLState()).matches("40001|40P01");
                    if (!conflict || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
                await(sleep(Duration.ofMillis(10L * attempt))); // the other one goes first
            }
        });
    }

    private <T> Coroutine<T> attempt(Work<T> work) {
        return async(() -> {
            Session session = await(free.get()); // waits for one
            Session returned = session;
            Task<T> running = createTask(toThread(() -> session.transaction(url, work), AWAITED));
            try {
                await(waitUntil(List.of(running), ALL_COMPLETED));
                return running.result();
            } catch (CancelledError e) {
                returned = new Session(); // a late cancel() must not meet another one's statement
                running.cancel();
                await(shielded(GRACE, () -> end(running, session)));
                throw e;
            } finally {
                free.tryPut(returned);
            }
        });
    }

    private static void end(Task<?> running, Session session) throws SQLException {
        try {
            while (!running.isDone()) { // between two statements, a cancel finds none: once more
                await(blocking(session::cancel), SQLException.class); // toThread may have no thread
                await(waitUntil(List.of(running), ALL_COMPLETED, Duration.ofMillis(50)));
            }
        } catch (SQLException e) { // no answer: what runs there has failed, or will now
        } finally {
            session.abort();
        }
    }

    @Override
    public void close() throws SQLException {
        free.shutdown();
        for (Session session : free) {
            session.abort();
        }
    }
}

Coroutine<Object> execute(Pool pool, String sql, Object... values) {
    return pool.transaction(session -> session.execute(sql, values));
}

Coroutine<Object> transfer(Pool pool, int from, int to, int amount) {
    String sql = "UPDATE bank_demo SET balance = balance + ? WHERE id = ? RETURNING id";
    return pool.transaction(session -> { // the lower one first: no two wait for each other
        Object one = session.execute(sql, from < to ? -amount : amount, Math.min(from, to));
        Object other = session.execute(sql, from < to ? amount : -amount, Math.max(from, to));
        if (one == null || other == null) {
            throw new IllegalArgumentException("no such account: " + from + " or " + to);
        }
        return one;
    });
}

String url = "jdbc:postgresql://localhost/postgres?user=postgres&loginTimeout=5";

Coroutine<Void> day(Pool pool) {
    return async(() -> {
        await(execute(pool, "DROP TABLE IF EXISTS bank_demo"));
        await(execute(pool, "CREATE TABLE bank_demo (id int, balance int CHECK (balance >= 0))"));
        await(execute(pool, "INSERT INTO bank_demo SELECT generate_series(1, 10), 1000"));
        await(
                taskGroup(group -> {
                    for (int i = 0; i < 300; i++) {
                        group.createTask(transfer(pool, i % 10 + 1, (i + 3) % 10 + 1, 1 + i % 5));
                    }
                }));
        IO.println("300 transfers between 10 accounts with 1000 each");
        try {
            await(transfer(pool, 1, 2, 1_000_000), SQLException.class);
        } catch (SQLException e) {
            IO.println("too much: refused, SQL state " + e.getSQLState());
        }
        try {
            await(waitFor(execute(pool, "SELECT pg_sleep(600)"), Duration.ofMillis(100)));
        } catch (TimeoutException e) {
            IO.println("a slow statement: cancelled");
        }
        IO.println("sum: " + await(execute(pool, "SELECT sum(balance) FROM bank_demo")));
        await(execute(pool, "DROP TABLE bank_demo"));
    });
}

Coroutine<Void> program() {
    return async(() -> {
        try (Pool pool = new Pool(url, 4)) {
            await(waitFor(day(pool), Duration.ofMinutes(1)));
        }
    });
}

void main(String[] args) {
    url = args.length > 0 ? args[0] : url;
    run(program());
}
