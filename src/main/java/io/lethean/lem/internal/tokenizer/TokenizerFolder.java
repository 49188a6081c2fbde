package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The files of a folder, each read up to a size that no real tokenizer reaches. */
final class TokenizerFolder {

    /** Python's reader takes NaN and Infinity, too. */
    static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(1 << 24)
                            .maxNameLength(1 << 20)
                            .maxNestingDepth(64)
                            .build())
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final long MAX_SMALL_BYTES = 32L << 20;
    private static final int MAX_TEMPLATES = 100;

    private final Path folder;

    TokenizerFolder(Path folder) {
        this.folder = folder;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    boolean has(String name) {
        return Files.isRegularFile(path(name));
    }

    /** The content of a file of at most this size. */
    byte[] bytes(String name, long limit) throws IOException {
        Path file = path(name);
        long size = Files.size(file);
        if (size > limit) {
            throw refuse(
                    "tokenizer-file-size",
                    name,
                    "has " + size + " bytes, and at most " + limit + " are possible; it is not a tokenizer file");
        }
        return DataFile.readAll(file);
    }

    String text(String name) throws IOException {
        byte[] bytes = bytes(name, MAX_SMALL_BYTES);
        try {
            return Utf8.decode(bytes);
        } catch (CharacterCodingException e) {
            throw refuse("tokenizer-text", name, "is not UTF-8");
        }
    }

    /** The object in a JSON file; a missing node without the file. */
    JsonNode json(String name) throws IOException {
        if (!has(name)) {
            return MissingNode.getInstance();
        }
        String text = text(name);
        try {
            JsonNode root = JSON.readTree(text);
            if (!root.isObject()) {
                throw refuse("tokenizer-json", name, "does not hold a JSON object");
            }
            return root;
        } catch (JacksonException e) {
            throw notJson(name, e);
        }
    }

    /** Files of a subfolder that end in this suffix, as names relative to this folder and in the order of their names. */
    List<String> names(String subfolder, String suffix) throws IOException {
        Path inner = path(subfolder);
        if (!Files.isDirectory(inner)) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(inner)) {
            files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(suffix))
                    .sorted()
                    .limit(MAX_TEMPLATES + 1)
                    .forEach(name -> names.add(subfolder + "/" + name));
        }
        if (names.size() > MAX_TEMPLATES) {
            throw refuse("tokenizer-templates", subfolder, "holds more than " + MAX_TEMPLATES + " files " + suffix);
        }
        return names;
    }

    /** The first of these files that exists. */
    Optional<String> first(String... names) {
        return Stream.of(names).filter(this::has).findFirst();
    }

    InvalidModelException notJson(String name, JacksonException cause) {
        return new InvalidModelException(
                "tokenizer-json",
                "The file " + path(name) + " is not complete JSON: " + Json.problem(cause)
                        + "; download it again or take it from the original model.",
                cause);
    }

    /** The refusal of a file: a sentence that begins with its path. */
    InvalidModelException refuse(String rule, String name, String problem) {
        return new InvalidModelException(rule, "The file " + path(name) + " " + problem + ".");
    }

    /** The refusal of the whole folder. */
    InvalidModelException refuseFolder(String rule, String problem) {
        return new InvalidModelException(rule, "The tokenizer in " + folder + " " + problem + ".");
    }
}
