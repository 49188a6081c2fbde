package io.lethean.lem.junit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** The configuration parameters of {@link LemTest}, as JUnit has them: from the launcher, system properties or a file. */
final class Settings {

    static final String RECORD = "lem.junit.record";
    static final String RECORDS = "lem.junit.records";
    static final String OUTPUT = "lem.junit.output";
    static final String MODEL = "lem.junit.model";
    static final String JUDGE = "lem.junit.judge";
    static final String MISSING_MODEL = "lem.junit.missing-model";

    private final ExtensionContext context;

    Settings(ExtensionContext context) {
        this.context = context;
    }

    private Optional<String> value(String name) {
        return context.getConfigurationParameter(name).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** Whether this run writes a record at a path. */
    boolean records(Path record) {
        String mode = value(RECORD).orElse("false");
        return switch (mode) {
            case "true" -> true;
            case "missing" -> !Files.exists(record);
            case "false" -> false;
            default -> throw unknown(RECORD, mode, "true, missing or false");
        };
    }

    /** The folder of all records. */
    Path records() {
        return Path.of(value(RECORDS).orElse("src/test/resources"));
    }

    /** The folder of the answers of this run. */
    Path output() {
        return Path.of(value(OUTPUT).orElseGet(Settings::buildFolder));
    }

    private static String buildFolder() {
        boolean gradle = Files.exists(Path.of("build.gradle")) || Files.exists(Path.of("build.gradle.kts"));
        return gradle ? "build/lem-junit" : "target/lem-junit";
    }

    /** The model of tests that name no model; empty if it is not set. */
    String model() {
        return value(MODEL).orElse("");
    }

    /** The judge of tests that name no judge; empty if it is not set. */
    String judge() {
        return value(JUDGE).orElse("");
    }

    /** Aborts or fails a test without its model. */
    RuntimeException missingModel(String reason) {
        String way = value(MISSING_MODEL).orElseGet(() -> withoutModel(System.getenv("CI")));
        return switch (way) {
            case "abort" -> new TestAbortedException(reason);
            case "fail" -> throw new AssertionFailedError(reason);
            default -> unknown(MISSING_MODEL, way, "abort or fail");
        };
    }

    /** What a test without its model does by default: continuous integration must not skip it unnoticed. */
    static String withoutModel(@Nullable String ciVariable) {
        return ciVariable == null || ciVariable.isBlank() || ciVariable.equalsIgnoreCase("false") ? "abort" : "fail";
    }

    private static ExtensionConfigurationException unknown(String name, String value, String expected) {
        return new ExtensionConfigurationException(
                "The configuration parameter " + name + " is '" + value + "'; expected " + expected + ".");
    }
}
