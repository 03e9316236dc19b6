package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.testing.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every task has a name and a context of its own: a copy at creation, a shared context on request,
/// writes of a child stay in the child.
@Spec({"TASK-1", "CTX-1", "F-TASK-18"})
class T26NamesAndContextsTest extends Trace {
    private final ContextVar<String> colour = ContextVar.withDefault("colour", "none");

    private Coroutine<@Nullable Void> paint(String colourNow) {
        return async(() -> {
            String name = me().name();
            print(name, "sees", colour.get());
            colour.set(colourNow);
            await(sleep(seconds(0)));
            print(name, "keeps", colour.get());
        });
    }

    private Coroutine<@Nullable Void> paintHere() {
        return async(() -> {
            colour.set("pink");
        });
    }

    private void main() {
        colour.set("white");
        Task<@Nullable Void> first = createTask(paint("red"), "first");
        colour.set("grey");
        Task<@Nullable Void> second = createTask(paint("blue"), "second");
        colour.set("black");
        await(gather(first, second));
        print("main", "has", colour.get());
        print("main", "first ended with", first.context().get(colour).orElseThrow());

        Context shared = Context.copyOfCurrent();
        Task<@Nullable Void> third =
                createTask(paint("green"), TaskOptions.named("third").context(shared));
        Task<@Nullable Void> fourth =
                createTask(paint("gold"), TaskOptions.named("fourth").context(shared));
        await(gather(third, fourth));
        print(
                "main",
                "has",
                colour.get(),
                "shared context has",
                shared.get(colour).orElseThrow());

        await(paintHere());
        print("main", "after a plain await has", colour.get());

        Task<@Nullable Void> task = createTask(paint("brown"));
        task.setName("renamed");
        await(task);
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("26-names-and-contexts");
    }
}
