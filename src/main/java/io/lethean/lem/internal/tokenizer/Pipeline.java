package io.lethean.lem.internal.tokenizer;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The steps from a text to tokens, in the form of tokenizer.json.
 *
 * @param preTokenizer how the text is cut into words
 * @param postProcessor which tokens are put around
 */
record Pipeline(JsonNode normalizer, JsonNode preTokenizer, JsonNode postProcessor, boolean ignoresMerges) {

    static final String QWEN2_REGEX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    static final String QWEN35_REGEX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** The steps that the file describes. */
    static Pipeline ofFile(TokenizerSource source) {
        JsonNode rest = source.json().rest();
        return new Pipeline(
                rest.path("normalizer"),
                rest.path("pre_tokenizer"),
                rest.path("post_processor"),
                source.json().ignoresMerges());
    }

    /** The steps of the class that transformers loads the tokenizer with. */
    static Pipeline ofClass(TokenizerSource source) {
        JsonNode after = source.json().rest().path("post_processor");
        return switch (source.config().kind()) {
            case FILE, LLAMA -> ofFile(source);
            case GPT2 -> new Pipeline(MissingNode.getInstance(), gpt2(source.config()), after, false);
            case QWEN2 -> new Pipeline(json("{'type': 'NFC'}"), qwen(QWEN2_REGEX), after, false);
            case QWEN35 -> new Pipeline(json("{'type': 'NFC'}"), qwen(QWEN35_REGEX), after, false);
            case GEMMA ->
                new Pipeline(
                        json("{'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'}"),
                        json("{'type': 'Split', 'pattern': {'String': ' '}, 'behavior': 'MergedWithPrevious',"
                                + " 'invert': false}"),
                        after,
                        false);
            case BERT ->
                new Pipeline(
                        bertNormalizer(source.config()),
                        json("{'type': 'BertPreTokenizer'}"),
                        json("{'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': '[CLS]'}},"
                                + " {'Sequence': {'id': 'A'}}, {'SpecialToken': {'id': '[SEP]'}}]}"),
                        false);
        };
    }

    private static JsonNode gpt2(TokenizerConfig config) {
        boolean prefix = config.setting("add_prefix_space").asBoolean(false);
        return json("{'type': 'ByteLevel', 'use_regex': true, 'add_prefix_space': " + prefix + "}");
    }

    private static JsonNode qwen(String regex) {
        var split = TokenizerFolder.JSON.createObjectNode();
        split.put("type", "Split").put("behavior", "Isolated").put("invert", false);
        split.putObject("pattern").put("Regex", regex);
        var sequence = TokenizerFolder.JSON.createObjectNode().put("type", "Sequence");
        sequence.putArray("pretokenizers")
                .add(split)
                .add(json("{'type': 'ByteLevel', 'use_regex': false, 'add_prefix_space': false}"));
        return sequence;
    }

    private static JsonNode bertNormalizer(TokenizerConfig config) {
        var normalizer = TokenizerFolder.JSON.createObjectNode();
        normalizer.put("type", "BertNormalizer").put("clean_text", true);
        normalizer.put("lowercase", config.setting("do_lower_case").asBoolean(true));
        normalizer.put(
                "handle_chinese_chars", config.setting("tokenize_chinese_chars").asBoolean(true));
        normalizer.set("strip_accents", config.setting("strip_accents"));
        return normalizer;
    }

    private static JsonNode json(String quoted) {
        return TokenizerFolder.JSON.readTree(quoted.replace('\'', '"'));
    }
}
