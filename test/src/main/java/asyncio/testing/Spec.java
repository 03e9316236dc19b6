package asyncio.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Names the rows of the specification that a test holds, such as `LOOP-5` or `F-TASK-3`.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Spec {
    /// The identifiers of the rows.
    ///
    /// @return one or more
    String[] value();
}
