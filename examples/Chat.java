import static asyncio.Asyncio.*;
import static asyncio.net.Net.startServer;

import asyncio.Coroutine;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.TimeoutException;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.LimitOverrunException;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.stream.WaterMarks;
import asyncio.sync.Event;
import asyncio.sync.Queue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

// A chat server. Members talk in lines; the first one is their name. Use nc, or telnet:
// ./asyncio run examples/Chat.java 7000
//
// Each member has a queue of lines that it was not sent yet. Nobody waits for room in it: a member
// that falls behind is dropped, and the others never notice how slow it was.

static final byte[] LINE_FEED = {'\n'};
int maxMembers = 500;
int maxLineBytes = 1000;
int maxBehind = 100; // lines that wait for one member
Duration pace = Duration.ofMillis(50); // between two lines of one member; floods wait in its socket
Duration idleTime = Duration.ofMinutes(10); // a member that says nothing
Duration patience = Duration.ofSeconds(30); // for a member to take one line
Duration grace = Duration.ofSeconds(3); // for goodbyes, when a signal ends the program

// No lock: only the tasks of this loop touch it, and none of them awaits while it looks.
Set<Member> members = new LinkedHashSet<>();

final class Member {
    final Queue<String> outbox = new Queue<>(maxBehind);
    final StreamWriter writer;
    String name = ""; // not said yet

    Member(StreamWriter writer) {
        this.writer = writer;
    }
}

/// Serves one member: a task that listens to it, and this one, which talks to it. The end of the
/// outbox is the end of both.
void chat(StreamReader reader, StreamWriter writer) throws Exception {
    Member member = new Member(writer);
    members.add(member);
    try (writer) {
        tell(member, "* what is your name?");
        await(
                taskGroup(group -> {
                    group.createDaemon(() -> listenTo(member, reader));
                    talkTo(member);
                }));
    } finally {
        leave(member);
    }
}

void talkTo(Member member) {
    member.writer.transport().setWaterMarks(WaterMarks.high(0)); // the outbox is the only buffer
    try {
        for (String line : member.outbox) {
            member.writer.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            await(timeout(patience, () -> await(member.writer.drain())), IOException.class);
        }
    } catch (IOException | TimeoutException e) {
        member.writer.transport().abort(); // it is gone, or takes nothing
    }
}

void listenTo(Member member, StreamReader reader) {
    try {
        while (obey(member, nextLine(reader))) {
            await(sleep(pace));
        }
        tell(member, "* goodbye");
    } catch (TimeoutException e) {
        tell(member, "! you were silent for too long");
    } catch (LimitOverrunException e) {
        tell(member, "! at most " + maxLineBytes + " bytes in a line");
    } catch (IOException e) {
        // It is gone, perhaps in the middle of a line. There is nobody to tell.
    } finally {
        leave(member);
    }
}

String nextLine(StreamReader reader) throws IOException {
    byte[] line =
            await(timeout(idleTime, () -> await(reader.readUntil(LINE_FEED))), IOException.class);
    // Control characters could do things to the terminals of others.
    return new String(line, StandardCharsets.UTF_8).replaceAll("\\p{Cc}", "").strip();
}

/// Does what a member says; false if that is to leave.
boolean obey(Member member, String line) {
    String[] words = line.split(" ", 3);
    if (line.equals("/quit")) {
        return false;
    } else if (member.name.isEmpty()) {
        enter(member, line);
    } else if (!line.startsWith("/")) {
        tellAll("<" + member.name + "> " + line);
    } else if (line.equals("/list")) {
        tell(member, "* here: " + named().map(each -> each.name).collect(Collectors.joining(" ")));
    } else if (words[0].equals("/msg") && words.length == 3) {
        Optional<Member> other = named(words[1]);
        other.ifPresent(each -> tell(each, "[" + member.name + "] " + words[2]));
        tell(member, other.isPresent() ? "* told " + words[1] : "! nobody is " + words[1]);
    } else {
        tell(member, "! commands are /list, /msg name text, /quit");
    }
    return true;
}

void enter(Member member, String name) {
    if (!name.matches("[A-Za-z0-9_-]{1,20}")) {
        tell(member, "! a name is 1 to 20 of A-Z, a-z, 0-9, _ and -; try again");
    } else if (named(name).isPresent()) {
        tell(member, "! " + name + " is taken; try again");
    } else {
        member.name = name;
        tellAll("* " + name + " is here");
    }
}

/// Says that nothing more will be said to a member: it is sent what waits for it, and then closed.
void leave(Member member) {
    member.outbox.shutdown();
    if (members.remove(member) && !member.name.isEmpty()) {
        tellAll("* " + member.name + " has left");
    }
}

void tellAll(String line) {
    named().forEach(each -> tell(each, line));
}

void tell(Member member, String line) {
    if (!member.outbox.isShutDown() && !member.outbox.tryPut(line)) {
        member.writer.transport().abort(); // too far behind; its tasks notice
    }
}

Stream<Member> named() {
    return members.stream().filter(each -> !each.name.isEmpty());
}

Optional<Member> named(String name) {
    return named().filter(each -> each.name.equalsIgnoreCase(name)).findFirst();
}

Coroutine<Server> listen(int port) {
    var limits = ServerOptions.DEFAULT.limitBytes(maxLineBytes).maxConnections(maxMembers);
    return startServer(this::chat, "127.0.0.1", port, limits);
}

void sayGoodbye() {
    for (Member each : members) {
        tell(each, "* the server stops; goodbye");
        each.outbox.shutdown();
    }
    members.clear(); // who leaves now is not news
}

Coroutine<Void> program(int port) {
    return async(() -> {
        Server server = await(listen(port), IOException.class);
        IO.println("listening on port " + server.port());
        try {
            await(new Event().awaitSet()); // never set: until a signal cancels this task
        } finally {
            sayGoodbye();
            int cutOff = await(server.stop(grace));
            IO.println("stopped; members cut off: " + cutOff);
        }
    });
}

void main(String[] arguments) {
    if (arguments.length != 1 || !arguments[0].matches("\\d{1,5}")) {
        System.err.println("Usage: Chat port");
        throw new SystemExit(2);
    }
    RunOptions options = RunOptions.defaults().shutdownSignals("INT", "TERM");
    run(program(Integer.parseInt(arguments[0])), options);
}
