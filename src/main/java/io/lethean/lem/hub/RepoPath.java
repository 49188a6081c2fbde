package io.lethean.lem.hub;

import java.util.regex.Pattern;

/** Paths of files in a repository, which become paths in the cache. */
final class RepoPath {

    private static final int LONGEST = 1024;
    private static final Pattern FORBIDDEN = Pattern.compile("[\\x00-\\x1F\\x7F\\\\]");

    private RepoPath() {}

    /** Whether a path stays in the folder that it is resolved in. */
    static boolean isSafe(String path) {
        if (path.isEmpty() || path.length() > LONGEST || FORBIDDEN.matcher(path).find()) {
            return false;
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    /** The folder of a path with its slash; empty for a file at the top. */
    static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/') + 1);
    }

    static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
