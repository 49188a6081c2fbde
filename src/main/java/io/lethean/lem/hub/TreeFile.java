package io.lethean.lem.hub;

import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The files of a commit, as Python's clients keep them in {@code trees/<commit>.json}: a commit never changes. */
final class TreeFile {

    private static final long VERSION = 1;

    private TreeFile() {}

    /** The listing in a file; empty if the file is missing, or has another form. */
    static Optional<List<RemoteFile>> read(Path file) {
        try {
            if (Json.parse(Files.readString(file)) instanceof Map<?, ?> tree
                    && Long.valueOf(VERSION).equals(tree.get("format_version"))
                    && tree.get("files") instanceof Map<?, ?> entries) {
                return files(entries);
            }
        } catch (IOException | JacksonException unreadable) {
            // The hub is asked again.
        }
        return Optional.empty();
    }

    private static Optional<List<RemoteFile>> files(Map<?, ?> entries) {
        List<RemoteFile> files = new ArrayList<>();
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            String path = String.valueOf(entry.getKey());
            if (!(entry.getValue() instanceof Map<?, ?> facts)
                    || !(facts.get("size") instanceof Long size)
                    || !(facts.get("blob_id") instanceof String blobId)
                    || !RepoPath.isSafe(path)) {
                return Optional.empty();
            }
            files.add(new RemoteFile(
                    path,
                    facts.get("lfs_size") instanceof Long large ? large : size,
                    blobId,
                    facts.get("lfs_sha256") instanceof String sha256 ? sha256 : "",
                    facts.get("xet_hash") instanceof String xet ? xet : ""));
        }
        return Optional.of(List.copyOf(files));
    }

    /** Writes a listing; a failure is ignored, because the listing can be had again. */
    static void write(Path file, List<RemoteFile> files) {
        Map<String, Object> entries = new LinkedHashMap<>();
        files.stream()
                .sorted(Comparator.comparing(RemoteFile::path))
                .forEach(each -> entries.put(each.path(), facts(each)));
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("format_version", VERSION);
        tree.put("files", entries);
        try {
            AtomicFile.writeText(
                    file, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(tree));
        } catch (IOException readOnly) {
            // As said above.
        }
    }

    private static Map<String, Object> facts(RemoteFile file) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("size", file.size());
        facts.put("blob_id", file.blobId());
        if (!file.sha256().isEmpty()) {
            facts.put("lfs_sha256", file.sha256());
            facts.put("lfs_size", file.size());
        }
        if (file.xetHash().matches("[0-9a-f]{64}")) {
            facts.put("xet_hash", file.xetHash());
        }
        return facts;
    }
}
