/// Ports of small Python programs, each of which must print what CPython printed.
@NullMarked
package traces;

import org.jspecify.annotations.NullMarked;
