package asyncio.stream;

import asyncio.Asyncio;
import asyncio.TimeoutException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A stream as a `Socket`: where a socket would block its thread, this suspends the task.
///
/// Knows addresses, timeouts of reads, half-close and closing; the other options of a socket belong to
/// the channel, and what is set here is ignored.
///
/// Threads: loop-confined, in tasks.
final class TaskSocket extends Socket {
    private final ByteStream stream;
    private final InputStream input;
    private final OutputStream output;
    private int timeoutMillis; // of a read; 0: none
    private boolean outputShut;

    TaskSocket(ByteStream stream) {
        this.stream = stream;
        input = new Input(stream);
        output = new TaskOutputStream(stream);
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void setSoTimeout(int timeout) {
        if (timeout < 0) {
            throw new IllegalArgumentException("timeout must not be negative: got " + timeout + "; 0 means none");
        }
        timeoutMillis = timeout;
    }

    @Override
    public int getSoTimeout() {
        return timeoutMillis;
    }

    @Override
    public void shutdownOutput() throws IOException {
        outputShut = true;
        Asyncio.await(stream.sendEof(), IOException.class);
    }

    @Override
    public void shutdownInput() throws IOException {
        throw new SocketException("a stream cannot stop receiving alone: " + stream + "; close it");
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return stream.isClosed();
    }

    @Override
    public void close() {
        stream.close();
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return stream.extraInfo(ExtraInfo.PEER_ADDRESS);
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return stream.extraInfo(ExtraInfo.LOCAL_ADDRESS);
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return getRemoteSocketAddress() instanceof InetSocketAddress address ? address.getAddress() : null;
    }

    @Override
    public int getPort() {
        return getRemoteSocketAddress() instanceof InetSocketAddress address ? address.getPort() : 0;
    }

    @Override
    public InetAddress getLocalAddress() {
        return getLocalSocketAddress() instanceof InetSocketAddress address
                ? address.getAddress()
                : InetAddress.getLoopbackAddress();
    }

    @Override
    public int getLocalPort() {
        return getLocalSocketAddress() instanceof InetSocketAddress address ? address.getPort() : -1;
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // See the class: the channel's options are set where it is opened.
    }

    @Override
    public void setKeepAlive(boolean on) {
        // As above.
    }

    @Override
    public void setSoLinger(boolean on, int linger) {
        // As above.
    }

    @Override
    public void setSendBufferSize(int size) {
        // As above.
    }

    @Override
    public void setReceiveBufferSize(int size) {
        // As above.
    }

    @Override
    public void setTrafficClass(int trafficClass) {
        // As above.
    }

    @Override
    public String toString() {
        return "<Socket over " + stream + ">";
    }

    /// Reads with the socket's timeout.
    ///
    /// Threads: as the socket.
    private final class Input extends InputStream {
        private final InputStream unlimited;

        Input(ByteStream stream) {
            unlimited = new TaskInputStream(stream);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (timeoutMillis == 0) {
                return unlimited.read(target, offset, length);
            }
            try {
                return Asyncio.await(
                        Asyncio.timeout(Duration.ofMillis(timeoutMillis), () -> unlimited.read(target, offset, length)),
                        IOException.class);
            } catch (TimeoutException e) {
                SocketTimeoutException timedOut = new SocketTimeoutException("Read timed out");
                timedOut.initCause(e);
                throw timedOut;
            }
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
