package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.tokenizer.TokenizerJson.Merge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a tokenizer.json token by token: a vocabulary of a quarter of a million entries is never held as a tree. */
final class TokenizerJsonReader {

    private static final long MAX_BYTES = 256L << 20;

    private final TokenizerFolder folder;
    private final ObjectNode rest = TokenizerFolder.JSON.createObjectNode();
    private final ObjectNode model = TokenizerFolder.JSON.createObjectNode();
    private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
    private final List<Merge> merges = new ArrayList<>();
    private final List<AddedToken> added = new ArrayList<>();
    private boolean mergesAsTexts;

    private TokenizerJsonReader(TokenizerFolder folder) {
        this.folder = folder;
    }

    static TokenizerJson read(TokenizerFolder folder) throws IOException {
        TokenizerJsonReader reader = new TokenizerJsonReader(folder);
        try (JsonParser parser = TokenizerFolder.JSON.createParser(folder.bytes(TokenizerJson.FILE, MAX_BYTES))) {
            reader.readRoot(parser);
        } catch (JacksonException e) {
            throw folder.notJson(TokenizerJson.FILE, e);
        }
        return reader.result();
    }

    private TokenizerJson result() {
        if (model.isEmpty() && vocabulary.isEmpty()) {
            throw refuse("has no \"model\"");
        }
        String type = model.path("type").asString(merges.isEmpty() ? "" : "BPE");
        return new TokenizerJson(type, model, vocabulary, merges, mergesAsTexts, added, rest);
    }

    private void readRoot(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw refuse("does not hold a JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "model" -> readModel(parser, value);
                case "added_tokens" -> readAdded(parser.readValueAsTree());
                default -> rest.set(name, parser.<JsonNode>readValueAsTree());
            }
        }
        if (parser.nextToken() != null) {
            throw refuse("has more text after its JSON object");
        }
    }

    private void readModel(JsonParser parser, JsonToken start) {
        if (start != JsonToken.START_OBJECT) {
            throw refuse("has a \"model\" that is not an object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("vocab") && value == JsonToken.START_OBJECT) {
                readVocabulary(parser);
            } else if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
                parser.skipChildren();
            } else if (name.equals("merges") && value == JsonToken.START_ARRAY) {
                readMerges(parser);
            } else {
                model.set(name, parser.<JsonNode>readValueAsTree());
            }
        }
    }

    private void readVocabulary(JsonParser parser) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String token = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
                throw refuse("gives the token " + Quoted.of(token) + " the id " + parser.getString()
                        + ", and a whole number is needed");
            }
            vocabulary.put(requireText(token), VocabularyLimits.id(parser.getLongValue(), token, this::refuse));
            VocabularyLimits.requireCount("tokens", vocabulary.size(), this::refuse);
        }
    }

    private void readMerges(JsonParser parser) {
        JsonToken token = parser.nextToken();
        mergesAsTexts = token == JsonToken.VALUE_STRING;
        while (token != JsonToken.END_ARRAY) {
            merges.add(mergesAsTexts ? textMerge(parser, token) : pairMerge(parser, token));
            VocabularyLimits.requireCount("merges", merges.size(), this::refuse);
            token = parser.nextToken();
        }
    }

    private Merge textMerge(JsonParser parser, JsonToken token) {
        String text = token == JsonToken.VALUE_STRING ? parser.getString() : "";
        int space = text.indexOf(' ');
        if (space <= 0 || space == text.length() - 1 || text.indexOf(' ', space + 1) >= 0) {
            throw refuse("has the merge " + Quoted.of(text) + " at index " + merges.size()
                    + ", and two tokens with one space between them are needed");
        }
        return new Merge(requireText(text.substring(0, space)), requireText(text.substring(space + 1)));
    }

    private Merge pairMerge(JsonParser parser, JsonToken token) {
        String left = token == JsonToken.START_ARRAY ? parser.nextStringValue() : null;
        String right = left == null ? null : parser.nextStringValue();
        if (left == null || right == null || parser.nextToken() != JsonToken.END_ARRAY) {
            throw refuse("has a merge at index " + merges.size() + " that is not a pair of two tokens");
        }
        return new Merge(requireText(left), requireText(right));
    }

    private void readAdded(JsonNode tokens) {
        if (!tokens.isArray() && !tokens.isNull()) {
            throw refuse("has \"added_tokens\" that are not a list");
        }
        for (JsonNode token : tokens.values()) {
            JsonNode id = token.path("id");
            JsonNode content = token.path("content");
            if (!id.isIntegralNumber() || !id.canConvertToLong() || !content.isString()) {
                throw refuse("has an added token without id or content: " + Quoted.of(token.toString()));
            }
            int number = VocabularyLimits.id(id.longValue(), content.stringValue(), this::refuse);
            added.add(AddedTokens.of(number, requireText(content.stringValue()), token));
            VocabularyLimits.requireCount("added tokens", added.size(), this::refuse);
        }
    }

    /** A file may escape half of a character, which has no UTF-8 form. */
    private String requireText(String token) {
        if (token.codePoints()
                .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw refuse("has a token with half of a surrogate pair: " + Quoted.of(token));
        }
        return token;
    }

    private InvalidModelException refuse(String problem) {
        return folder.refuse("tokenizer-json", TokenizerJson.FILE, problem);
    }
}
