package asyncio.structure;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where other threads leave work for a loop: many may add, one takes everything out.
///
/// Elements of one thread come out in the order in which that thread added them; [#close()] and
/// [#add(Object)] agree on a single moment, so that nothing is accepted and then forgotten.
///
/// Threads: [#add(Object)] and [#isEmpty()] from any thread, the rest by the owner. Never blocks.
///
/// @param <T> what is left here
public final class Inbox<T> {
    /*
     * A Treiber stack (R. K. Treiber, 1986): add pushes with one compare-and-set, drain takes the whole chain with
     * one exchange and turns it round. There is no pop of single nodes, hence no ABA problem. Closing exchanges the
     * chain for a sentinel that no push replaces.
     */
    private static final Node<?> CLOSED = new Node<>();

    private volatile @Nullable Node<T> top; // newest node; null when empty; CLOSED for ever once closed

    /// An empty, open inbox.
    public Inbox() {}

    /// Adds an element.
    ///
    /// @param element the element
    /// @return false if the inbox is closed: the element was not taken
    public boolean add(T element) {
        Node<T> node = new Node<>(element);
        while (true) {
            Node<T> seen = top;
            if (seen == CLOSED) {
                return false;
            }
            node.next = seen;
            if (TOP.compareAndSet(this, seen, node)) {
                return true;
            }
        }
    }

    /// Whether there is nothing to take at this moment.
    ///
    /// @return true if nothing waits
    public boolean isEmpty() {
        Node<T> seen = top;
        return seen == null || seen == CLOSED;
    }

    /// Takes everything out, oldest first.
    ///
    /// @param sink gets each element
    public void drain(Consumer<? super T> sink) {
        if (!isEmpty()) {
            take(null, sink);
        }
    }

    /// Closes the inbox for good and takes out what was accepted before.
    ///
    /// @param sink gets each element that was accepted
    @SuppressWarnings("unchecked") // the sentinel has no element
    public void close(Consumer<? super T> sink) {
        take((Node<T>) CLOSED, sink);
    }

    private void take(@Nullable Node<T> replacement, Consumer<? super T> sink) {
        @SuppressWarnings("unchecked") // the field's type
        Node<T> node = (Node<T>) TOP.getAndSet(this, replacement);
        if (node == CLOSED) {
            return;
        }
        Node<T> oldest = null;
        while (node != null) {
            Node<T> next = node.next;
            node.next = oldest;
            oldest = node;
            node = next;
        }
        for (Node<T> each = oldest; each != null; each = each.next) {
            if (each.element != null) {
                sink.accept(each.element);
            }
        }
    }

    private static final class Node<T> {
        final @Nullable T element;

        @Nullable
        Node<T> next; // written by the adder before it publishes, then by the owner

        Node() {
            element = null;
        }

        Node(T element) {
            this.element = element;
        }
    }

    // Safety: the field exists with that type; every access goes through volatile or compare-and-set semantics.
    private static final VarHandle TOP;

    static {
        try {
            // Safety: a field of this very class.
            TOP = MethodHandles.lookup().findVarHandle(Inbox.class, "top", Node.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
