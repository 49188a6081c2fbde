package io.lethean.lem.internal.tokenizer;

import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The parts of tokenizer.json that do not depend on the kind of tokenizer. */
final class TokenizerJsonParts {

    private final GgufVocabulary vocabulary;

    TokenizerJsonParts(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    static ObjectNode node(String type) {
        return TokenizerFolder.JSON.createObjectNode().put("type", type);
    }

    /** The file with its added tokens. */
    ObjectNode root() {
        ObjectNode root = TokenizerFolder.JSON.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.isAdded(id) || vocabulary.type(id) == TokenType.UNKNOWN) {
                added.add(added(id));
            }
        }
        return root;
    }

    private ObjectNode added(int id) {
        ObjectNode token = TokenizerFolder.JSON.createObjectNode();
        token.put("id", id);
        token.put("content", vocabulary.text(id));
        return describe(token, vocabulary.type(id) != TokenType.USER_DEFINED);
    }

    /** How an added token is found: as llama.cpp does it, exactly and before anything else. */
    static ObjectNode describe(ObjectNode token, boolean special) {
        return token.put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }

    /** The byte pairs; tokens after the trained ones are only in the list of added tokens. */
    ObjectNode model(List<String[]> merges) {
        ObjectNode model = node("BPE");
        model.putNull("dropout");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        ObjectNode texts = model.putObject("vocab");
        for (int id = 0; id < vocabulary.trained(); id++) {
            texts.put(vocabulary.text(id), id);
        }
        ArrayNode list = model.putArray("merges");
        for (String[] merge : merges) {
            list.addArray().add(merge[0]).add(merge[1]);
        }
        return model;
    }

    /**
     * The tokens that are put around a text.
     *
     * @param begins whether BOS comes first if the file does not say so
     * @return null as JSON if there are no such tokens
     */
    JsonNode template(boolean begins) {
        OptionalInt begin = token("bos", begins);
        OptionalInt end = token("eos", false);
        if (begin.isEmpty() && end.isEmpty()) {
            return TokenizerFolder.JSON.nullNode();
        }
        ObjectNode template = node("TemplateProcessing");
        template.set("single", pieces(begin, end, List.of("A")));
        template.set("pair", pieces(begin, end, List.of("A", "B")));
        ObjectNode special = template.putObject("special_tokens");
        begin.ifPresent(id -> putToken(special, id));
        end.ifPresent(id -> putToken(special, id));
        return template;
    }

    private OptionalInt token(String kind, boolean otherwise) {
        return vocabulary.flag("add_" + kind + "_token").orElse(otherwise)
                ? vocabulary.special(kind)
                : OptionalInt.empty();
    }

    /** A file that says something about separators has been made from a template with tokens around each text. */
    private ArrayNode pieces(OptionalInt begin, OptionalInt end, List<String> texts) {
        boolean each = vocabulary.flag("add_sep_token").isPresent();
        ArrayNode pieces = TokenizerFolder.JSON.createArrayNode();
        for (int i = 0; i < texts.size(); i++) {
            if (begin.isPresent() && (i == 0 || each)) {
                put(pieces, "SpecialToken", vocabulary.text(begin.getAsInt()), i);
            }
            put(pieces, "Sequence", texts.get(i), i);
            if (end.isPresent() && (i == texts.size() - 1 || each)) {
                put(pieces, "SpecialToken", vocabulary.text(end.getAsInt()), i);
            }
        }
        return pieces;
    }

    private static void put(ArrayNode pieces, String kind, String id, int type) {
        pieces.addObject().putObject(kind).put("id", id).put("type_id", type);
    }

    private void putToken(ObjectNode special, int id) {
        String text = vocabulary.text(id);
        ObjectNode token = special.putObject(text).put("id", text);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(text);
    }
}
