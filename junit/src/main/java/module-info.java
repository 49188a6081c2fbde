/** JUnit tests that compare the answers of a language model with a recorded run. */
module io.lethean.lem.junit {
    requires static org.jspecify;
    requires transitive io.lethean.lem.evaluation;
    requires transitive org.junit.jupiter.api;

    exports io.lethean.lem.junit;

    // JUnit creates the extensions.
    opens io.lethean.lem.junit to
            org.junit.platform.commons;
}
