package io.lethean.lem.internal.nativelib;

import java.util.Locale;

/** What the running system is called. */
final class Platform {

    private static final String OS = os(System.getProperty("os.name"));

    private Platform() {}

    /** Operating system and processor as the jars of natives are named by: {@code linux-x86_64}. */
    static String name() {
        return OS + "-" + arch(System.getProperty("os.arch"));
    }

    static boolean isWindows() {
        return OS.equals("windows");
    }

    private static String os(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("mac")) {
            return "macos";
        }
        return lower.startsWith("windows") ? "windows" : lower.replace(' ', '_');
    }

    private static String arch(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> name;
        };
    }
}
