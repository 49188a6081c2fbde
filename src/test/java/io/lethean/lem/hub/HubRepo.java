package io.lethean.lem.hub;

import io.lethean.lem.internal.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A repository of the stand-in hub. */
public final class HubRepo {

    private final String name;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> revisions = ConcurrentHashMap.newKeySet();
    private int version;

    /** A file of the repository. */
    record Entry(String path, byte[] content, boolean large) {

        String etag() {
            return large ? Sha256.of(content) : gitSha1(content);
        }
    }

    HubRepo(String name) {
        this.name = name;
        revisions.add("main");
    }

    String name() {
        return name;
    }

    /** Adds or replaces a file that is stored as a large one. */
    public HubRepo large(String path, byte[] content) {
        return add(new Entry(path, content, true));
    }

    /** Adds or replaces a file that is stored in git itself. */
    public HubRepo small(String path, String content) {
        return add(new Entry(path, content.getBytes(StandardCharsets.UTF_8), false));
    }

    private HubRepo add(Entry entry) {
        entries.removeIf(each -> each.path().equals(entry.path()));
        entries.add(entry);
        version++;
        return this;
    }

    /** Adds a branch, a tag or a commit. */
    public HubRepo revision(String encoded) {
        revisions.add(encoded);
        return this;
    }

    boolean has(String revision) {
        return revisions.contains(revision) || commit().equals(revision);
    }

    /** The commit of all branches, which changes with the files. */
    public String commit() {
        return gitSha1((name + version).getBytes(StandardCharsets.UTF_8));
    }

    List<Entry> entries() {
        return entries;
    }

    Optional<Entry> find(String path) {
        return entries.stream().filter(each -> each.path().equals(path)).findFirst();
    }

    String tree() {
        List<String> items = new ArrayList<>();
        items.add("{\"type\": \"directory\", \"oid\": \"0\", \"size\": 0, \"path\": \"folder\"}");
        for (Entry entry : entries) {
            String oid = gitSha1(entry.large() ? "pointer".getBytes(StandardCharsets.UTF_8) : entry.content());
            String lfs = entry.large()
                    ? ", \"lfs\": {\"oid\": \"" + entry.etag() + "\", \"size\": " + entry.content().length
                            + ", \"pointerSize\": 134}"
                    : "";
            items.add("{\"type\": \"file\", \"oid\": \"" + oid + "\", \"size\": " + entry.content().length
                    + ", \"path\": \"" + entry.path() + "\"" + lfs + "}");
        }
        return "[" + String.join(", ", items) + "]";
    }

    static String gitSha1(byte[] content) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
