package io.lethean.lem.internal.tokenizer;

import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The classes of transformers that cut a text by rules of their own, whatever tokenizer.json says; all others follow the
 * file.
 */
enum TokenizerClass {
    FILE(Map.of()),
    GPT2(Map.of("unk_token", "<|endoftext|>", "bos_token", "<|endoftext|>", "eos_token", "<|endoftext|>")),
    QWEN2(Map.of("unk_token", "<|endoftext|>", "eos_token", "<|endoftext|>", "pad_token", "<|endoftext|>")),
    QWEN35(Map.of("unk_token", "<|endoftext|>", "eos_token", "<|endoftext|>", "pad_token", "<|endoftext|>")),
    LLAMA(Map.of("unk_token", "<unk>", "bos_token", "<s>", "eos_token", "</s>")),
    GEMMA(Map.of(
            "unk_token", "<unk>",
            "bos_token", "<bos>",
            "eos_token", "<eos>",
            "pad_token", "<pad>",
            "mask_token", "<mask>")),
    BERT(Map.of(
            "unk_token", "[UNK]",
            "sep_token", "[SEP]",
            "pad_token", "[PAD]",
            "cls_token", "[CLS]",
            "mask_token", "[MASK]"));

    private static final Map<String, TokenizerClass> BY_NAME = Map.of(
            "GPT2Tokenizer", GPT2,
            "Qwen2Tokenizer", QWEN2,
            "Qwen3_5Tokenizer", QWEN35,
            "LlamaTokenizer", LLAMA,
            "GemmaTokenizer", GEMMA,
            "BertTokenizer", BERT);

    /** The class that belongs to a type of model; a name that is not in {@link #BY_NAME} follows the file. */
    private static final Map<String, String> OF_MODEL = Map.ofEntries(
            Map.entry("qwen2", "Qwen2Tokenizer"),
            Map.entry("qwen2_moe", "Qwen2Tokenizer"),
            Map.entry("qwen3", "Qwen2Tokenizer"),
            Map.entry("qwen3_moe", "Qwen2Tokenizer"),
            Map.entry("qwen3_5", "Qwen3_5Tokenizer"),
            Map.entry("qwen3_5_text", "Qwen3_5Tokenizer"),
            Map.entry("gemma", "GemmaTokenizer"),
            Map.entry("gemma2", "GemmaTokenizer"),
            Map.entry("gemma3", "GemmaTokenizer"),
            Map.entry("gemma3_text", "GemmaTokenizer"),
            Map.entry("gpt2", "GPT2Tokenizer"),
            Map.entry("bert", "BertTokenizer"),
            Map.entry("mistral", "TokenizersBackend"),
            Map.entry("mixtral", "TokenizersBackend"),
            Map.entry("ministral", "TokenizersBackend"));

    /** Types of models with a class in tokenizer_config.json that is often the wrong one. */
    private static final Set<String> OVERRULED = Set.of("qwen2", "qwen3_5");

    private final Map<String, String> defaults;

    TokenizerClass(Map<String, String> defaults) {
        this.defaults = defaults;
    }

    /** The named tokens that the class has where the configuration is silent. */
    Map<String, String> defaults() {
        return defaults;
    }

    /** Whether all tokens that have a name become special ones. */
    boolean marksAll() {
        return this == QWEN2 || this == QWEN35;
    }

    /** The class by which transformers loads a folder. */
    static TokenizerClass of(JsonNode tokenizerConfig, JsonNode modelConfig, TokenizerJson json) {
        String type = modelConfig.path("model_type").asString("");
        String given = named(tokenizerConfig);
        String declared = given.isEmpty() ? named(modelConfig) : given;
        String own = OF_MODEL.getOrDefault(type, "");
        if (declared.equals("LlamaTokenizer") && !OVERRULED.contains(type) && json.byteLevel()) {
            return FILE;
        }
        if (declared.isEmpty() || !own.isEmpty() && !own.equals(declared) && OVERRULED.contains(type)) {
            return BY_NAME.getOrDefault(own, FILE);
        }
        return own.equals("TokenizersBackend") ? FILE : BY_NAME.getOrDefault(declared, FILE);
    }

    private static String named(JsonNode config) {
        String name = config.path("tokenizer_class").asString("");
        return name.endsWith("Fast") ? name.substring(0, name.length() - "Fast".length()) : name;
    }
}
