package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The names of special tokens and the chat templates of a GGUF file as tokenizer_config.json. */
final class TokenizerConfigJson {

    private static final String TEMPLATE = "tokenizer.chat_template";

    /** The score that llama.cpp's converter gives to tokens that this file lists. */
    private static final float LISTED_SCORE = -1000f;

    /** What the file calls a token, and a GGUF file. */
    private static final Map<String, String> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put("bos_token", "bos");
        NAMES.put("eos_token", "eos");
        NAMES.put("unk_token", "unknown");
        NAMES.put("sep_token", "seperator");
        NAMES.put("pad_token", "padding");
        NAMES.put("cls_token", "cls");
        NAMES.put("mask_token", "mask");
    }

    private final GgufVocabulary vocabulary;
    private final GgufMetadata metadata;

    TokenizerConfigJson(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.metadata = vocabulary.metadata();
    }

    /** @param context the longest text that the model takes */
    ObjectNode build(long context) {
        ObjectNode config = TokenizerFolder.JSON.createObjectNode();
        putFlag(config, "add_bos_token", "add_bos_token");
        putFlag(config, "add_eos_token", "add_eos_token");
        putFlag(config, "add_prefix_space", "add_space_prefix");
        if (vocabulary.kind().equals(TokenizerExport.SENTENCE_PIECE)) {
            putListed(config.putObject("added_tokens_decoder"));
        }
        NAMES.forEach((name, kind) -> vocabulary.special(kind).ifPresent(id -> config.put(name, vocabulary.text(id))));
        putTemplates(config);
        config.put("clean_up_tokenization_spaces", false);
        config.put("model_max_length", context);
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        return config;
    }

    private void putFlag(ObjectNode config, String name, String key) {
        vocabulary.flag(key).ifPresent(value -> config.put(name, value));
    }

    /** SentencePiece's own file keeps control tokens with their scores, and no tokens that were added later. */
    private void putListed(ObjectNode listed) {
        for (int id = 0; id < vocabulary.size(); id++) {
            boolean user = vocabulary.type(id) == TokenType.USER_DEFINED;
            boolean late = id >= vocabulary.trained() || vocabulary.score(id) == LISTED_SCORE;
            if (user || vocabulary.isAdded(id) && late) {
                ObjectNode token = listed.putObject(String.valueOf(id)).put("content", vocabulary.text(id));
                TokenizerJsonParts.describe(token, !user);
            }
        }
    }

    private void putTemplates(ObjectNode config) {
        Optional<String> main = metadata.text(TEMPLATE);
        Optional<GgufArray> names = metadata.array("tokenizer.chat_templates");
        if (names.isEmpty() || names.get().size() == 0) {
            main.ifPresent(text -> config.put("chat_template", text));
            return;
        }
        ArrayNode list = config.putArray("chat_template");
        main.ifPresent(text -> list.addObject().put("name", "default").put("template", text));
        for (int i = 0; i < names.get().size(); i++) {
            String name = names.get().textAt(i);
            metadata.text(TEMPLATE + "." + name)
                    .ifPresent(text -> list.addObject().put("name", name).put("template", text));
        }
    }
}
