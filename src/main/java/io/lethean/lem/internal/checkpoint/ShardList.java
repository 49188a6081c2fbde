package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The safetensors files of a folder, by its index or by their names, and the check that index and files agree.
 */
final class ShardList {

    private static final String INDEX = "model.safetensors.index.json";
    private static final Pattern PART = Pattern.compile("model-(\\d{5})-of-(\\d{5})\\.safetensors");

    private final ModelFolder folder;
    private final List<Path> files;

    /** The file of each tensor; empty without an index. */
    private final Map<String, String> index;

    private ShardList(ModelFolder folder, List<Path> files, Map<String, String> index) {
        this.folder = folder;
        this.files = List.copyOf(files);
        this.index = index;
    }

    /** @throws InvalidModelException if a file that the index or the names announce is missing, or the folder has no weights */
    static ShardList of(ModelFolder folder) throws IOException {
        return folder.has(INDEX) ? byIndex(folder) : byNames(folder);
    }

    private static ShardList byIndex(ModelFolder folder) throws IOException {
        Map<String, String> index = new LinkedHashMap<>();
        ModelConfig map = ModelConfig.read(folder.file(INDEX))
                .child("weight_map")
                .orElseThrow(() -> lies(folder, "has no weight_map"));
        map.values().forEach((tensor, file) -> {
            String name = String.valueOf(file);
            if (!name.equals(String.valueOf(Path.of(name).getFileName())) || name.startsWith(".")) {
                throw lies(
                        folder, "places tensor " + tensor + " in \"" + name + "\", which is not a file of the folder");
            }
            index.put(tensor, name);
        });
        TreeSet<String> names = new TreeSet<>(index.values());
        for (Map.Entry<String, String> entry : index.entrySet()) {
            if (!folder.has(entry.getValue())) {
                long there = names.stream().filter(folder::has).count();
                throw lies(
                        folder,
                        "places tensor " + entry.getKey() + " in " + entry.getValue() + ", and this file is missing; "
                                + there + " of " + names.size() + " files are there");
            }
        }
        return new ShardList(folder, names.stream().map(folder::file).toList(), index);
    }

    private static ShardList byNames(ModelFolder folder) throws IOException {
        List<String> names;
        try (Stream<Path> entries = Files.list(folder.path())) {
            names = entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> name.startsWith("model") && name.endsWith(".safetensors"))
                    .sorted()
                    .toList();
        }
        if (names.isEmpty()) {
            throw new OtherWeights(folder.path()).refusal();
        }
        for (String name : names) {
            Matcher part = PART.matcher(name);
            if (part.matches() && Integer.parseInt(part.group(2)) != names.size()) {
                throw new InvalidModelException(
                        "checkpoint-shards",
                        "The folder " + folder.path() + " has " + names.size() + " of the "
                                + Integer.parseInt(part.group(2)) + " files that " + name
                                + " speaks of; download the missing ones.");
            }
        }
        return new ShardList(folder, names.stream().map(folder::file).toList(), Map.of());
    }

    List<Path> files() {
        return files;
    }

    /** @throws InvalidModelException if a tensor is in two files, or the index and the files disagree */
    void requireConsistent(List<SafetensorsFile> headers) {
        Map<String, String> found = new HashMap<>();
        for (SafetensorsFile header : headers) {
            String file = String.valueOf(header.path().getFileName());
            for (SafetensorsEntry entry : header.entries()) {
                String other = found.put(entry.name(), file);
                if (other != null) {
                    throw new InvalidModelException(
                            "checkpoint-shards",
                            "The tensor " + entry.name() + " is in " + header.path() + " and in " + other
                                    + "; the folder mixes files of two models. Download it again into an empty folder.");
                }
            }
        }
        if (!index.isEmpty()) {
            requireIndexed(found);
        }
    }

    private void requireIndexed(Map<String, String> found) {
        index.forEach((tensor, file) -> {
            String actual = found.get(tensor);
            if (actual == null) {
                throw lies(folder, "places tensor " + tensor + " in " + file + ", which does not have it");
            }
            if (!actual.equals(file)) {
                throw lies(folder, "places tensor " + tensor + " in " + file + ", and it is in " + actual);
            }
        });
        found.forEach((tensor, file) -> {
            if (!index.containsKey(tensor)) {
                throw lies(folder, "does not know the tensor " + tensor + " of " + file);
            }
        });
    }

    private static InvalidModelException lies(ModelFolder folder, String what) {
        return new InvalidModelException(
                "checkpoint-index",
                "The index " + folder.file(INDEX) + " " + what + ". The download is incomplete or mixed; repeat it.");
    }
}
