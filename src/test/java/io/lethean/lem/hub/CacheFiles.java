package io.lethean.lem.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What programs can find in a cache. */
final class CacheFiles {

    private CacheFiles() {}

    /** The files of all snapshots, and the blobs with their final names. */
    static List<Path> visible(Path cache) {
        if (!Files.isDirectory(cache)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(file -> !Files.isDirectory(file))
                    .filter(file -> file.toString().contains("/snapshots/")
                            || file.toString().contains("/blobs/")
                                    && !file.toString().endsWith(".lem-partial"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
