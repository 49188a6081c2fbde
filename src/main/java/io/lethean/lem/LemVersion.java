package io.lethean.lem;

/** The version of this library; a test holds it equal to the one in pom.xml. */
public final class LemVersion {

    /** The version, such as {@code 0.1.0-SNAPSHOT}. */
    public static final String VERSION = "0.1.0-SNAPSHOT";

    private LemVersion() {}
}
