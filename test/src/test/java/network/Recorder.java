package network;

import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.stream.Protocol;
import asyncio.stream.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A protocol that notes what it is told.
class Recorder implements Protocol {
    final List<String> log = new ArrayList<>();
    boolean keepsOpen;
    String failsIn = "";
    int receivedBytes;

    final void note(String callback, String text) {
        log.add(text);
        if (callback.equals(failsIn)) {
            throw new IllegalArgumentException(callback);
        }
    }

    @Override
    public void connectionMade(Transport transport) {
        note("connectionMade", "made");
    }

    @Override
    public void dataReceived(ByteBuffer data) {
        receivedBytes += data.remaining();
        note("dataReceived", "data " + UTF_8.decode(data));
    }

    @Override
    public boolean eofReceived() {
        note("eofReceived", "eof");
        return keepsOpen;
    }

    @Override
    public void connectionLost(@Nullable Throwable error) {
        note(
                "connectionLost",
                "lost " + (error == null ? "null" : error.getClass().getSimpleName()));
    }

    @Override
    public void pauseWriting() {
        note("pauseWriting", "pause");
    }

    @Override
    public void resumeWriting() {
        note("resumeWriting", "resume");
    }
}
