/// The specification of reactive streams, tested by its own kit.
@NullMarked
package flow;

import org.jspecify.annotations.NullMarked;
