import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import asyncio.GroupOptions;
import asyncio.TaskGroup;
import asyncio.TimeoutException;
import asyncio.sync.Channel;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

// A crawler that is bounded everywhere: three pages at a time, two reports ahead of their reader,
// and a deadline for each page. It ends by itself, when the last page has no new link.

record Page(int millis, List<String> links) {}

Map<String, Page> site = // stands for the network
        Map.of(
                "/", new Page(20, List.of("/news", "/shop", "/help")),
                "/news", new Page(30, List.of("/", "/news/1", "/news/2")),
                "/news/1", new Page(10, List.of("/news")),
                "/news/2", new Page(10, List.of("/news", "/lost")),
                "/shop", new Page(60_000, List.of("/shop/1")), // hangs
                "/help", new Page(40, List.of("/", "/shop")));

Coroutine<List<String>> fetch(String path) {
    return async(() -> {
        Page page = site.getOrDefault(path, new Page(10, List.of()));
        await(sleep(Duration.ofMillis(page.millis())));
        if (!site.containsKey(path)) {
            throw new IOException("404");
        }
        return page.links();
    });
}

Duration patience = Duration.ofMillis(200); // for one page
Set<String> seen = new HashSet<>(); // no lock: only this loop's tasks touch it

/// A child of the group for each page: a page that is found adds children to the group it is in.
void discover(String path, TaskGroup group, Sender<String> reports) {
    if (seen.add(path)) {
        group.createTask(visit(path, group, reports));
    }
}

Coroutine<Void> visit(String path, TaskGroup group, Sender<String> reports) {
    return async(() -> {
        String report;
        try {
            var links = await(timeout(patience, () -> await(fetch(path))), IOException.class);
            links.forEach(link -> discover(link, group, reports));
            report = links.size() + " links";
        } catch (TimeoutException e) {
            report = "no answer in " + patience.toMillis() + " ms";
        } catch (IOException e) {
            report = e.getMessage();
        }
        await(reports.send(path + ": " + report)); // waits while the reader is behind
    });
}

Coroutine<Void> crawl(String start, Sender<String> reports) {
    return async(() -> {
        try (reports) { // closes the channel, whatever happens
            await(
                    taskGroup(
                            GroupOptions.limited(3),
                            group -> {
                                discover(start, group, reports);
                            }));
        }
    });
}

Coroutine<Void> print(Receiver<String> reports) {
    return async(() -> {
        for (String report : reports) { // ends when the channel does
            await(sleep(Duration.ofMillis(15)));
            IO.println(report);
        }
    });
}

Coroutine<Void> program() {
    return async(() -> {
        Channel<String> reports = Channel.open(2);
        await(
                taskGroup(group -> {
                    group.createTask(crawl("/", reports.sender()));
                    group.createTask(print(reports.receiver()));
                }));
        IO.println(seen.size() + " pages, each visited once");
    });
}

void main() {
    run(program());
}
