package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What tokenizer.json says for the names that llama.cpp has for pre-tokenizers. A row has the names that cut a text alike.
 */
enum PreTokenizerForm {
    GPT2(
            Set.of(
                    "gpt-2",
                    "phi-2",
                    "jina-es",
                    "jina-de",
                    "jina-v2-es",
                    "jina-v2-de",
                    "gigachat",
                    "a.x-4.0",
                    "mellum",
                    "modern-bert",
                    "exaone4",
                    "mpt",
                    "olmo",
                    "jais",
                    "trillion",
                    "granite-docling"),
            List.of()),
    DIGITS(
            Set.of("starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"),
            List.of()),
    LLAMA3(
            Set.of(
                    "llama3",
                    "llama-v3",
                    "llama-bpe",
                    "falcon3",
                    "falcon-h1",
                    "pixtral",
                    "midm-2.0",
                    "lfm2",
                    "jina-v5-nano",
                    "smaug-bpe",
                    "dbrx",
                    "chatglm-bpe",
                    "glm4"),
            List.of(Patterns.CONTRACTIONS + Patterns.WORDS + "|\\p{N}{1,3}" + Patterns.REST)),
    QWEN2(
            Set.of("qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open"),
            List.of(Patterns.CONTRACTIONS + Patterns.WORDS + "|\\p{N}" + Patterns.REST)),
    QWEN35(
            Set.of("qwen35"),
            List.of(Patterns.CONTRACTIONS
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + Patterns.SPACES)),
    TEKKEN(
            Set.of("tekken"),
            List.of(Patterns.LOWER + "|" + Patterns.UPPER + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
                    + Patterns.SPACES)),
    GPT4O(
            Set.of("gpt-4o", "llama4", "kanana2", "talkie"),
            List.of(Patterns.LOWER + Patterns.CONTRACTIONS + "?|" + Patterns.UPPER + Patterns.CONTRACTIONS
                    + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + Patterns.SPACES));

    /** Parts that several patterns have. */
    private static final class Patterns {
        static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
        static final String WORDS = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
        static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        static final String REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + SPACES;
        static final String LOWER =
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*" + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
        static final String UPPER =
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+" + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
    }

    /** With these names llama.cpp takes a word that is a token as it is, and begins texts with BOS. */
    private static final Set<String> WHOLE_WORDS = Set.of(
            "llama3",
            "llama-v3",
            "llama-bpe",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "jina-v5-nano",
            "tekken");

    private final Set<String> names;
    private final List<String> patterns;

    PreTokenizerForm(Set<String> names, List<String> patterns) {
        this.names = names;
        this.patterns = patterns;
    }

    static Optional<PreTokenizerForm> named(String name) {
        return Arrays.stream(values()).filter(form -> form.names.contains(name)).findFirst();
    }

    /** All names, in order. */
    static List<String> allNames() {
        TreeSet<String> all = new TreeSet<>();
        Arrays.stream(values()).forEach(form -> all.addAll(form.names));
        return new ArrayList<>(all);
    }

    static boolean takesWholeWords(String name) {
        return WHOLE_WORDS.contains(name);
    }

    /** What llama.cpp does if the file does not say it. */
    static boolean beginsByItself(String name) {
        return WHOLE_WORDS.contains(name);
    }

    /** Whether texts are brought to a normal form first; llama.cpp leaves this step out. */
    boolean isNormalized() {
        return this == QWEN2 || this == QWEN35;
    }

    /** The pre-tokenizer's JSON. */
    ObjectNode json() {
        if (this == GPT2) {
            return byteLevel(true);
        }
        ObjectNode sequence = node("Sequence");
        ArrayNode members = sequence.putArray("pretokenizers");
        if (this == DIGITS) {
            members.add(node("Digits").put("individual_digits", true));
        }
        for (String pattern : patterns) {
            ObjectNode split = node("Split");
            split.putObject("pattern").put("Regex", pattern);
            members.add(split.put("behavior", "Isolated").put("invert", false));
        }
        members.add(byteLevel(this == DIGITS));
        return sequence;
    }

    static ObjectNode byteLevel(boolean words) {
        return node("ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", words);
    }

    private static ObjectNode node(String type) {
        return TokenizerFolder.JSON.createObjectNode().put("type", type);
    }
}
