/// What a coroutine's thread promises, on whichever engine the build runs these tests.
@NullMarked
package fibers;

import org.jspecify.annotations.NullMarked;
