package network;

import static asyncio.Asyncio.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static network.StreamsInMemory.pause;
import static network.StreamsInMemory.send;
import static network.StreamsInMemory.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.stream.BufferedProtocol;
import asyncio.stream.StreamTransport;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class ProtocolBufferedTest {
    private static final class Buffered extends Recorder implements BufferedProtocol {
        private ByteBuffer buffer = ByteBuffer.allocate(4);

        @Override
        public ByteBuffer getBuffer(int sizeHintBytes) {
            if (failsIn.equals("getBuffer")) {
                throw new IllegalArgumentException("getBuffer");
            }
            return buffer.clear();
        }

        @Override
        public void bufferUpdated(int countBytes) {
            assertThat(buffer.position()).isEqualTo(countBytes);
            note("bufferUpdated", "updated " + UTF_8.decode(buffer.flip()));
        }
    }

    @Test
    @Spec("IO-9")
    void bytes_fillTheProtocolsOwnBuffer() {
        with((near, far) -> {
            Buffered protocol = new Buffered();
            StreamTransport transport = StreamTransport.attach(near, protocol);
            send(far, "abcdefghij");
            far.close();
            await(transport.waitLost());

            assertThat(protocol.log)
                    .containsExactly("made", "updated abcd", "updated efgh", "updated ij", "eof", "lost null");
        });
    }

    @Test
    @Spec("IO-9")
    void bufferWithoutRoom_isFatal() {
        for (ByteBuffer bad :
                new ByteBuffer[] {ByteBuffer.allocate(0), ByteBuffer.allocate(4).asReadOnlyBuffer()}) {
            RecordingLogger logger = new RecordingLogger();
            Buffered protocol = new Buffered();
            protocol.buffer = bad;
            with(logger, 100, (near, far) -> {
                StreamTransport transport = StreamTransport.attach(near, protocol);
                send(far, "x");
                assertThat(await(transport.waitLost())).hasMessageStartingWith("getBuffer() returned an empty buffer");
            });
            assertThat(logger.messagesWith("Fatal error: protocol.getBuffer() call failed."))
                    .hasSize(1);
        }
    }

    @Test
    @Spec("IO-9")
    void callbacks_failing_areFatal() {
        for (String callback : new String[] {"getBuffer", "bufferUpdated"}) {
            RecordingLogger logger = new RecordingLogger();
            Buffered protocol = new Buffered();
            protocol.failsIn = callback;
            with(logger, 100, (near, far) -> {
                StreamTransport transport = StreamTransport.attach(near, protocol);
                send(far, "x");
                assertThat(await(transport.waitLost())).hasMessage(callback);
            });
            assertThat(protocol.log).endsWith("lost IllegalArgumentException");
            assertThat(logger.messagesWith("Fatal error: protocol." + callback + "() call failed."))
                    .hasSize(1);
        }
    }

    @Test
    @Spec("IO-7")
    void setProtocol_fromPlainToBuffered_changesHowBytesCome() {
        with((near, far) -> {
            Recorder plain = new Recorder();
            Buffered buffered = new Buffered();
            StreamTransport transport = StreamTransport.attach(near, plain);
            send(far, "plain");
            pause();
            transport.setProtocol(buffered);
            send(far, "buff");
            pause();
            transport.close();

            assertThat(plain.log).containsExactly("made", "data plain");
            assertThat(buffered.log).containsExactly("updated buff");
        });
    }
}
