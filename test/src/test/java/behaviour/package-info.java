@NullMarked
package behaviour;

import org.jspecify.annotations.NullMarked;
