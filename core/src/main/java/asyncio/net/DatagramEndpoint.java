package asyncio.net;

import asyncio.AsyncIterator;
import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.stream.StreamClosedException;
import asyncio.sync.Lock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.MembershipKey;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sends and receives datagrams (UDP): packets that may be lost, doubled, or come in another order.
///
/// ```java
/// try (DatagramEndpoint endpoint = await(openDatagramEndpoint(DatagramOptions.at(address)));
///         var datagrams = endpoint.values()) {
///     for (Datagram datagram : datagrams) {
///         await(endpoint.send(datagram.data(), datagram.address()));
///     }
/// }
/// ```
///
/// Nothing is read ahead: what nobody has received yet waits in the system, whose buffer is the
/// bound ([DatagramOptions#receiveBufferBytes()]). What does not fit there, the system drops. So a
/// receiver that is slow costs no memory, and one that is cancelled loses nothing. What is longer
/// than [DatagramOptions#maxBytes()] is dropped and counted.
///
/// One task receives, any number of tasks send.
///
/// Errors: on a connected endpoint, the news that nobody listens there comes out of a later `send` or
/// `receive` as a `PortUnreachableException`. The endpoint stays open and usable, as after every
/// failure of a single datagram.
///
/// Threads: loop-confined.
public final class DatagramEndpoint implements AsyncIterator<Datagram>, AutoCloseable {
    private final DatagramPort port;
    private final ChannelWay receiving;
    private final ChannelWay sending;
    private final Lock sendTurn = new Lock(); // held by the task that waits until the channel takes its datagram
    private long droppedCount; // datagrams that were longer than allowed

    DatagramEndpoint(DatagramPort port) {
        this.port = port;
        receiving = new ChannelWay(port.watch(), true, this);
        sending = new ChannelWay(port.watch(), false, this);
    }

    /// Sends a datagram to an address. Waits only if the system takes no more now; those who wait are
    /// served in turn.
    ///
    /// That it was sent does not say that it arrives. An empty one is sent, too.
    ///
    /// Cancellation: ends the wait; nothing was sent.
    ///
    /// Errors, when awaited: `IOException` if it is too long, if there is no way to the address, or if
    /// this was closed.
    ///
    /// @param data all bytes that the buffer has; its position moves to its limit
    /// @param address where to; if this is connected, that one only
    /// @return a coroutine
    /// @throws IllegalArgumentException if the address is unresolved, or another one than the connected one
    public Coroutine<@Nullable Void> send(ByteBuffer data, InetSocketAddress address) {
        return sendTo(data, port.checkTarget(Objects.requireNonNull(address, "address must not be null")));
    }

    /// Sends a datagram to the address that this is connected to; else as
    /// [#send(ByteBuffer, InetSocketAddress)].
    ///
    /// Cancellation: ends the wait; nothing was sent.
    ///
    /// Errors, when awaited: `IOException` if it is too long, if nobody listens there, or if this was
    /// closed.
    ///
    /// @param data all bytes that the buffer has; its position moves to its limit
    /// @return a coroutine
    /// @throws IllegalArgumentException if this is not connected
    public Coroutine<@Nullable Void> send(ByteBuffer data) {
        return sendTo(data, port.checkTarget(null));
    }

    private Coroutine<@Nullable Void> sendTo(ByteBuffer data, @Nullable InetSocketAddress target) {
        Objects.requireNonNull(data, "data must not be null");
        return Asyncio.async(() -> {
            port.loop().checkThread("send");
            sending.giveTurn();
            if (sendTurn.isLocked() || !port.trySend(data, target)) {
                sendInTurn(data, target);
            }
        });
    }

    private void sendInTurn(ByteBuffer data, @Nullable InetSocketAddress target) throws IOException {
        Asyncio.await(sendTurn.acquire());
        try {
            while (!port.trySend(data, target)) {
                sending.await();
            }
        } finally {
            sendTurn.release();
        }
    }

    /// Receives a datagram; waits until there is one.
    ///
    /// Cancellation: ends the wait; nothing was received, and nothing is lost.
    ///
    /// Errors, when awaited: [StreamClosedException] if this was closed, before or meanwhile;
    /// `PortUnreachableException` if nobody listens at the address that this is connected to.
    ///
    /// @return a coroutine of the datagram
    /// @throws IllegalStateException when awaited, while another task receives
    public Coroutine<Datagram> receive() {
        return Asyncio.async(this::receiveNow);
    }

    private Datagram receiveNow() throws IOException {
        receiving.enter("receive");
        try {
            receiving.giveTurn();
            Datagram received;
            while ((received = port.tryReceive()) == null || received == DatagramPort.TOO_LONG) {
                if (received == null) {
                    receiving.await();
                } else {
                    droppedCount++;
                    receiving.giveTurn();
                }
            }
            return received;
        } finally {
            receiving.leave();
        }
    }

    /// Receives a datagram; no more come once this is closed. That nobody listens at the address that
    /// this is connected to does not end the iteration: it is for who sends.
    ///
    /// Cancellation: ends the wait; nothing is lost, and it may be asked again.
    ///
    /// Errors, when awaited: `IOException` if the system fails.
    ///
    /// @return a coroutine of the datagram, empty when this is closed
    /// @throws IllegalStateException when awaited, while another task receives
    @Override
    public Coroutine<Optional<Datagram>> anext() {
        return Asyncio.async(() -> {
            while (true) {
                try {
                    return Optional.of(receiveNow());
                } catch (StreamClosedException e) {
                    return Optional.empty();
                } catch (PortUnreachableException e) {
                    receiving.giveTurn();
                }
            }
        });
    }

    /// Closes this, as [#close()].
    ///
    /// Cancellation: never suspends.
    ///
    /// @return a coroutine
    @Override
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(this::close);
    }

    /// Joins a multicast group, on one network interface. For an endpoint at the wildcard address, or at
    /// that of the group, and of the same family.
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: `IOException` if the system refuses.
    ///
    /// @param group the address of the group
    /// @param network where its datagrams come from
    /// @return a coroutine of the membership; `drop()` leaves the group
    /// @throws IllegalArgumentException when awaited, if it is no multicast address
    public Coroutine<MembershipKey> join(InetAddress group, NetworkInterface network) {
        Objects.requireNonNull(group, "group must not be null");
        Objects.requireNonNull(network, "network must not be null");
        return Asyncio.async(() -> port.channel().join(group, network));
    }

    /// How many datagrams were dropped because they were longer than [DatagramOptions#maxBytes()]. What
    /// the system drops is not known here.
    ///
    /// @return the number
    public long droppedCount() {
        return droppedCount;
    }

    /// Where this receives.
    ///
    /// @return the address
    public InetSocketAddress localAddress() {
        return Objects.requireNonNull(port.local(), "an endpoint is bound");
    }

    /// With whom this talks.
    ///
    /// @return the address, or null if this is not connected
    public @Nullable InetSocketAddress remoteAddress() {
        return port.remote();
    }

    /// Whether this was closed.
    ///
    /// @return true after [#close()]
    public boolean isClosed() {
        return port.isClosed();
    }

    /// Closes this at once: the address is free again, iterations end, tasks that wait get a
    /// [StreamClosedException]. May be called again.
    @Override
    public void close() {
        port.close();
        receiving.run();
        sending.run();
    }

    @Override
    public String toString() {
        return "<DatagramEndpoint " + port + ">";
    }
}
