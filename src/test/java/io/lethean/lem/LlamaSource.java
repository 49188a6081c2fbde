package io.lethean.lem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The source of llama.cpp that the libraries were built from: the system property {@code lem.llama.src}, the variable
 * {@code LLAMA_CPP_SRC}, or what {@code native/fetch.sh} left in the cache.
 */
public final class LlamaSource {

    private static final Pattern PRE_TOKENIZER = Pattern.compile("tokenizer_pre == \"([^\"]+)\"");

    private LlamaSource() {}

    /** The path of a file of the source; without the source the calling test is skipped. */
    public static Path require(String relative) {
        Path file = folder().resolve(relative);
        if (!Files.isRegularFile(file)) {
            Fixtures.skip("it needs " + file + "; fetch the source by native/fetch.sh");
        }
        return file;
    }

    /** Every value of {@code tokenizer.ggml.pre} that llama.cpp knows. */
    public static List<String> preTokenizers() {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = PRE_TOKENIZER.matcher(text(require("src/llama-vocab.cpp")));
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return new ArrayList<>(names);
    }

    /** The folder of the source; it need not exist. */
    public static Path folder() {
        String property = System.getProperty("lem.llama.src", System.getenv("LLAMA_CPP_SRC"));
        if (property != null) {
            return Path.of(property);
        }
        String tree = text(Path.of("native/LLAMA_CPP_VERSION"))
                .lines()
                .filter(line -> line.startsWith("tree="))
                .map(line -> line.substring("tree=".length()))
                .findFirst()
                .orElseThrow();
        return cache().resolve("source").resolve(tree);
    }

    private static Path cache() {
        String variable = System.getenv("XDG_CACHE_HOME");
        if (variable != null && !variable.isEmpty()) {
            return Path.of(variable, "lem");
        }
        boolean mac = System.getProperty("os.name").startsWith("Mac");
        return Path.of(System.getProperty("user.home"), mac ? "Library/Caches/lem" : ".cache/lem");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
