package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufMetadata;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The tokens of a GGUF file with their types and scores, without the padding at the end. */
final class GgufVocabulary {

    private static final String PREFIX = "tokenizer.ggml.";

    private final Path file;
    private final GgufMetadata metadata;
    private final List<String> texts = new ArrayList<>();
    private final List<TokenType> types = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final float[] scores;

    private GgufVocabulary(Path file, GgufMetadata metadata, int size) {
        this.file = file;
        this.metadata = metadata;
        this.scores = new float[size];
    }

    /** @throws InvalidModelException if the file has no tokens, or they cannot be told apart */
    static GgufVocabulary of(GgufMetadata metadata, Path file) {
        GgufArray tokens = metadata.array(PREFIX + "tokens").orElse(GgufArray.ofStrings(List.of()));
        GgufVocabulary vocabulary = new GgufVocabulary(file, metadata, tokens.size());
        if (tokens.size() == 0) {
            throw vocabulary.refuse("tokenizer-missing", "has no tokens, and a model's folder needs a tokenizer");
        }
        vocabulary.read(tokens);
        return vocabulary;
    }

    private void read(GgufArray tokens) {
        Optional<GgufArray> kinds = sized("token_type", tokens.size());
        Optional<GgufArray> values = sized("scores", tokens.size());
        int size = tokens.size();
        while (size > 0 && type(kinds, size - 1) == TokenType.UNUSED) {
            size--;
        }
        for (int id = 0; id < size; id++) {
            int at = id;
            add(text(tokens, id), type(kinds, id));
            values.ifPresent(array -> scores[at] = (float) array.doubleAt(at));
        }
    }

    private Optional<GgufArray> sized(String key, int size) {
        Optional<GgufArray> array = metadata.array(PREFIX + key);
        if (array.isPresent() && array.get().size() != size) {
            throw refuse(
                    "tokenizer-size",
                    "has " + size + " tokens and " + array.get().size() + " values in " + PREFIX + key);
        }
        return array;
    }

    private String text(GgufArray tokens, int id) {
        String text = tokens.textAt(id);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), tokens.bytesAt(id))) {
            throw refuse(
                    "tokenizer-text", "has token " + id + " with bytes that are not UTF-8, which JSON cannot keep");
        }
        return text;
    }

    private TokenType type(Optional<GgufArray> kinds, int id) {
        if (kinds.isEmpty()) {
            return TokenType.NORMAL;
        }
        long number = kinds.get().longAt(id);
        if (number < 1 || number > TokenType.values().length) {
            throw refuse("tokenizer-type", "has token " + id + " of the type " + number + ", which is unknown");
        }
        return TokenType.values()[(int) number - 1];
    }

    private void add(String text, TokenType type) {
        Integer other = ids.put(text, texts.size());
        if (other != null) {
            throw refuse(
                    "tokenizer-ids",
                    "has the token " + Quoted.of(text) + " twice, with the ids " + other + " and " + texts.size());
        }
        texts.add(text);
        types.add(type);
    }

    /** The kind of tokenizer: {@code gpt2}, {@code llama} or another. */
    String kind() {
        return metadata.text(PREFIX + "model").orElse("");
    }

    String preTokenizer() {
        return metadata.text(PREFIX + "pre").orElse("default");
    }

    int size() {
        return texts.size();
    }

    String text(int id) {
        return texts.get(id);
    }

    TokenType type(int id) {
        return types.get(id);
    }

    float score(int id) {
        return scores[id];
    }

    OptionalInt id(String text) {
        Integer id = ids.get(text);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether a token is found in a text before the text is cut into words. */
    boolean isAdded(int id) {
        return type(id) == TokenType.CONTROL || type(id) == TokenType.USER_DEFINED;
    }

    /** How many tokens come before those that were added after the vocabulary was trained. */
    int trained() {
        int size = size();
        while (size > 0 && isAdded(size - 1)) {
            size--;
        }
        return size;
    }

    /** The token of a kind such as {@code bos}; empty if the file has no id, or one without a token. */
    OptionalInt special(String kind) {
        var id = metadata.integer(PREFIX + kind + "_token_id");
        return id.isPresent() && id.getAsLong() >= 0 && id.getAsLong() < size()
                ? OptionalInt.of((int) id.getAsLong())
                : OptionalInt.empty();
    }

    Optional<Boolean> flag(String key) {
        return metadata.bool(PREFIX + key);
    }

    GgufMetadata metadata() {
        return metadata;
    }

    /** The refusal of this file; {@code problem} completes "The file NAME ...". */
    InvalidModelException refuse(String rule, String problem) {
        return new InvalidModelException(rule, "The file " + file + " " + problem + ".");
    }
}
