package io.lethean.lem;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds test data that is not part of the project, and skips with the reason printed where it is absent.
 *
 * <p>The folder is the system property {@code lem.fixtures}, the variable {@code LEM_FIXTURES}, or {@code
 * ../shared/fixtures}. With {@code LEM_REQUIRE_FIXTURES=1} nothing may be skipped: what is absent is a failure.
 */
public final class Fixtures {

    private Fixtures() {}

    /** The path of a file or folder below the fixtures, which exists; otherwise the calling test is skipped. */
    public static Path require(String relative) {
        Path path = root().resolve(relative);
        if (!Files.exists(path)) {
            skip("it needs " + path + ", which is not there; set LEM_FIXTURES to the folder of the fixtures");
        }
        return path;
    }

    /** Skips the calling test and prints why; fails instead where skipping is forbidden. */
    public static void skip(String reason) {
        if ("1".equals(System.getenv("LEM_REQUIRE_FIXTURES"))) {
            fail("This test may not be skipped (LEM_REQUIRE_FIXTURES=1), but " + reason);
        }
        String test = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(Fixtures.class.getName()))
                        .findFirst()
                        .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                        .orElse("a test"));
        System.err.println("SKIPPED " + test + ": " + reason);
        abort(reason);
    }

    private static Path root() {
        String property = System.getProperty("lem.fixtures");
        String variable = System.getenv("LEM_FIXTURES");
        if (property != null) {
            return Path.of(property);
        }
        return variable != null ? Path.of(variable) : Path.of("../shared/fixtures");
    }
}
