package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name on the hub: {@code hf:org/name[/path][@revision][:quantization]}, such as {@code hf:org/name:Q4_K_M} or {@code
 * hf:org/name/file.gguf@main}.
 *
 * @param repository {@code org/name}
 * @param path a file or a folder in the repository; empty for all of it
 * @param revision a branch, a tag or a commit; empty for {@code main}
 * @param quantization which of several GGUF files is meant, such as {@code Q4_K_M}; empty if there is only one
 */
public record HubName(String repository, String path, String revision, String quantization) {

    /** What each name begins with. */
    public static final String PREFIX = "hf:";

    static final String MAIN = "main";

    private static final int LONGEST_REPOSITORY = 96;
    private static final int LONGEST = 1024;

    private static final Pattern FORM = Pattern.compile("(?<org>[^/@:]+)/(?<name>[^/@:]+)(?:/(?<path>[^@:]*))?"
            + "(?:@(?<revision>[^@:]*))?(?::(?<quantization>[^/@:]*))?");
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9._+=#/-]+");
    private static final Pattern QUANTIZATION = Pattern.compile("[A-Za-z0-9._-]+");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /**
     * Checks that the parts are safe as parts of an address and of a path.
     *
     * @throws HubException if a part is not allowed on the hub, or could leave its folder in the cache
     */
    public HubName {
        Objects.requireNonNull(repository, "repository");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(revision, "revision");
        Objects.requireNonNull(quantization, "quantization");
        String shown = PREFIX + repository;
        requireRepository(shown, repository);
        if (!path.isEmpty() && !RepoPath.isSafe(path)) {
            throw refused(shown + "/" + path, "has a path that does not name a file in the repository");
        }
        if (!revision.isEmpty() && (!REVISION.matcher(revision).matches() || !RepoPath.isSafe(revision))) {
            throw refused(shown + "@" + revision, "has a revision that is not a branch, a tag or a commit");
        }
        if (!quantization.isEmpty() && !QUANTIZATION.matcher(quantization).matches()) {
            throw refused(shown + ":" + quantization, "has a quantization that is not a name such as Q4_K_M");
        }
        if (!quantization.isEmpty() && path.toLowerCase(Locale.ROOT).endsWith(".gguf")) {
            throw refused(
                    shown + "/" + path + ":" + quantization,
                    "names both a file and a quantization, and one of them is enough");
        }
    }

    /**
     * {@return whether a text is meant as a name on the hub: it begins with {@code hf:}}
     *
     * @param text what a user gave as a model or adapter
     */
    public static boolean isHubName(String text) {
        return text.startsWith(PREFIX);
    }

    /**
     * Reads a name.
     *
     * @param text such as {@code hf:org/name:Q4_K_M}
     * @return the parts of the name
     * @throws HubException with a sentence that shows the form, if the text has another
     */
    public static HubName parse(String text) {
        Matcher form = FORM.matcher(isHubName(text) ? text.substring(PREFIX.length()) : "");
        if (text.length() > LONGEST || !form.matches()) {
            throw refused(text.substring(0, Math.min(text.length(), LONGEST)), "is not a name on the hub");
        }
        for (String part : new String[] {"path", "revision", "quantization"}) {
            if ("".equals(form.group(part))) {
                throw refused(text, "has an empty " + part);
            }
        }
        return new HubName(
                form.group("org") + "/" + form.group("name"),
                Objects.requireNonNullElse(form.group("path"), ""),
                Objects.requireNonNullElse(form.group("revision"), ""),
                Objects.requireNonNullElse(form.group("quantization"), ""));
    }

    private static void requireRepository(String shown, String repository) {
        String[] parts = repository.split("/", -1);
        boolean valid = parts.length == 2
                && repository.length() <= LONGEST_REPOSITORY
                && !repository.contains("--")
                && !repository.contains("..")
                && !repository.endsWith(".git");
        for (String part : parts) {
            valid = valid && PART.matcher(part).matches();
        }
        if (!valid) {
            throw refused(
                    shown,
                    "is not a repository that the hub could have (letters, digits, '-', '_', '.', at most "
                            + LONGEST_REPOSITORY + " characters)");
        }
    }

    private static HubException refused(String text, String fault) {
        return new HubException(
                HubException.Reason.INVALID_NAME,
                text + " " + fault + "; write hf:org/name, hf:org/name:Q4_K_M or hf:org/name/file.gguf@main.");
    }

    /**
     * {@return this name at another revision}
     *
     * @param other a branch, tag or commit
     */
    public HubName withRevision(String other) {
        return new HubName(repository, path, other, quantization);
    }

    HubName withPath(String other) {
        return new HubName(repository, other, revision, "");
    }

    HubName withQuantization(String other) {
        return new HubName(repository, path, revision, other);
    }

    /** The revision that the hub is asked for. */
    String revisionOrMain() {
        return revision.isEmpty() ? MAIN : revision;
    }

    /** Whether the revision is a full commit hash, at which files never change. */
    boolean isCommit() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** The name as it is written, {@code hf:} included. */
    @Override
    public String toString() {
        return PREFIX
                + repository
                + (path.isEmpty() ? "" : "/" + path)
                + (revision.isEmpty() ? "" : "@" + revision)
                + (quantization.isEmpty() ? "" : ":" + quantization);
    }
}
