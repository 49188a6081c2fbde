package io.lethean.lem.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the cache has, in a sentence for those who cannot download now. */
final class CacheContents {

    private static final int MOST_LISTED = 12;

    private CacheContents() {}

    /** Such as {@code The cache FOLDER has hf:org/name:Q8_0 (144 MB).} */
    static String sentence(Path cache) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        if (Files.isDirectory(cache)) {
            try (Stream<Path> folders = Files.list(cache)) {
                for (Path folder : folders.sorted().toList()) {
                    names.addAll(names(cache, folder.getFileName().toString()));
                }
            }
        }
        List<String> listed = names.stream().limit(MOST_LISTED).toList();
        String more = names.size() > MOST_LISTED ? " and " + (names.size() - MOST_LISTED) + " more" : "";
        return "The cache " + cache
                + (names.isEmpty() ? " has no model." : " has " + String.join(", ", listed) + more + ".");
    }

    private static List<String> names(Path cache, String folder) throws IOException {
        List<String> names = new ArrayList<>();
        String repository = folder.startsWith(RepoFolder.PREFIX)
                ? folder.substring(RepoFolder.PREFIX.length()).replace("--", "/")
                : "";
        if (!repository.matches("[^/]+/[^/]+")) {
            return names;
        }
        RepoFolder repo = new RepoFolder(cache, repository, true);
        for (String commit : repo.commits()) {
            List<RemoteFile> files = repo.present(commit);
            List<GgufModel> models = GgufModel.among(files);
            for (GgufModel model : models) {
                if (model.isComplete()) {
                    String end = model.quantization().isEmpty() || models.size() == 1 ? "" : ":" + model.quantization();
                    names.add(HubName.PREFIX + repository + end + " (" + ByteCount.text(model.size()) + ")");
                }
            }
            if (models.isEmpty() && !files.isEmpty()) {
                long bytes = files.stream().mapToLong(RemoteFile::size).sum();
                names.add(HubName.PREFIX + repository + " (" + ByteCount.text(bytes) + ", not GGUF)");
            }
        }
        return names;
    }
}
