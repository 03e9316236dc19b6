import static asyncio.Asyncio.*;

import asyncio.CancelScope;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Task;
import asyncio.TimeoutException;
import java.time.Duration;
import java.util.Optional;

// The program of docs/guide/cancellation.md. The regions are its Java blocks.

// region edge
Coroutine<Void> swallows() {
    return async(() -> {
        try {
            await(sleep(Duration.ofSeconds(10)));
        } catch (CancelledError e) {
            IO.println("  swallowed: " + e.getMessage());
        }
        await(sleep(Duration.ofMillis(50)));
        IO.println("  went on");
    });
}

Coroutine<Void> edgeAndLevel() {
    return async(() -> {
        IO.println("timeout asks once:");
        await(timeout(Duration.ofMillis(100), () -> await(swallows())));

        IO.println("failAfter insists:");
        try {
            await(failAfter(Duration.ofMillis(100), () -> await(swallows())));
        } catch (TimeoutException e) {
            IO.println("  too late");
        }
    });
}

// endregion

// region three
Coroutine<String> answer() {
    return sleep(Duration.ofSeconds(1), "42");
}

Coroutine<Void> threeWays() {
    return async(() -> {
        Duration limit = Duration.ofMillis(100);
        try {
            await(timeout(limit, () -> await(answer())));
        } catch (TimeoutException e) {
            IO.println("timeout: an exception");
        }
        try {
            await(failAfter(limit, () -> await(answer())));
        } catch (TimeoutException e) {
            IO.println("failAfter: an exception");
        }
        Optional<String> result = await(moveOnAfter(limit, () -> await(answer())));
        IO.println("moveOnAfter: " + result.orElse("nothing"));
    });
}

// endregion

// region scope
Coroutine<Void> parts() {
    return taskGroup(group -> {
        group.createTask(answer());
        group.createTask(answer());
    });
}

Coroutine<Void> scopes() {
    return async(() -> {
        CancelScope download = CancelScope.create();
        Duration later = Duration.ofMillis(100);
        getRunningLoop().callLater(later, () -> download.cancel("the user clicked"));

        boolean complete =
                await(
                        download.run(scope -> {
                            await(parts()); // the children of the group are inside the scope, too
                        }));

        IO.println("complete: " + complete + ", caught: " + download.cancelledCaught());
        IO.println("why: " + download.reason().get().message());
    });
}

// endregion

// region cleanup
Coroutine<Void> upload() {
    return async(() -> {
        IO.println("lock the file");
        try {
            await(sleep(Duration.ofSeconds(10)));
        } finally {
            await(
                    shielded(
                            Duration.ofSeconds(1),
                            () -> {
                                await(sleep(Duration.ofMillis(20)));
                                IO.println("unlock the file");
                            }));
        }
    });
}

Coroutine<Void> cleanUp() {
    return async(() -> {
        await(
                moveOnAfter(
                        Duration.ofMillis(100),
                        () -> {
                            await(upload());
                        }));
        IO.println("moved on");

        Task<Void> task = createTask(upload());
        await(sleep(Duration.ofMillis(100)));
        task.cancel();
        await(waitUntilDone(task));
        IO.println("cancelled: " + task.isCancelled());
    });
}

Coroutine<Void> waitUntilDone(Task<?> task) {
    return async(() -> {
        try {
            await(task);
        } catch (CancelledError e) {
            if (!task.isCancelled()) {
                throw e; // it was meant for us
            }
        }
    });
}

// endregion

// region uncancel
Coroutine<String> survivor() {
    return async(() -> {
        try {
            return await(answer());
        } catch (CancelledError e) {
            currentTask().uncancel(); // we have dealt with it
            return "no answer, but here is yesterday's";
        }
    });
}

Coroutine<Void> surviving() {
    return async(() -> {
        Task<String> task = createTask(survivor());
        await(sleep(Duration.ofMillis(100)));
        task.cancel();
        IO.println(await(task));
    });
}

// endregion

// region budget
Coroutine<Void> budget() {
    return async(() -> {
        await(
                timeout(
                        Duration.ofSeconds(5),
                        () -> {
                            await(
                                    timeout(
                                            Duration.ofSeconds(60),
                                            () -> {
                                                Duration left =
                                                        currentDeadline()
                                                                .get()
                                                                .minus(getRunningLoop().time());
                                                IO.println(
                                                        "at most "
                                                                + (left.toMillis() + 999) / 1000
                                                                + " s");
                                            }));
                        }));
    });
}

// endregion

// region nested
Coroutine<Void> outerFirst() {
    return async(() -> {
        boolean complete =
                await(
                        moveOnAfter(
                                Duration.ofMillis(100),
                                () -> {
                                    try {
                                        await(
                                                timeout(
                                                        Duration.ofSeconds(5),
                                                        () -> await(answer())));
                                    } catch (TimeoutException e) {
                                        IO.println("never printed: it was not this one");
                                    }
                                }));
        IO.println("complete: " + complete);
    });
}

// endregion

Coroutine<Void> program() {
    return async(() -> {
        await(edgeAndLevel());
        await(threeWays());
        await(scopes());
        await(cleanUp());
        await(surviving());
        await(budget());
        await(outerFirst());
    });
}

void main() {
    run(program());
}
