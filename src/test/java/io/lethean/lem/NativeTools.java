package io.lethean.lem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the test-only programs that {@code make tools} builds next to the native libraries. */
public final class NativeTools {

    private NativeTools() {}

    /** The path of a program such as {@code jinja-oracle}; the calling test is skipped where it was not built. */
    public static Path require(String name) {
        Path tool = libraries().resolveSibling("tools").resolve(name);
        if (!Files.isRegularFile(tool)) {
            Fixtures.skip("it needs the program " + name + ", which make tools builds");
        }
        return tool;
    }

    private static Path libraries() {
        String property = System.getProperty("lem.native.path");
        if (property != null) {
            return Path.of(property);
        }
        Path record = Path.of("target/native.path");
        try {
            return Path.of(Files.readString(record).strip());
        } catch (IOException e) {
            Fixtures.skip("it needs " + record + ", which make native writes");
            throw new AssertionError("skipped", e);
        }
    }
}
