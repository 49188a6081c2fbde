package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The added tokens of a tokenizer by id, as the tokenizers library numbers them: a token that the vocabulary has keeps
 * that id, and others follow the highest id.
 */
final class AddedTokens {

    private final TokenizerFolder folder;
    private final Map<String, Integer> vocabulary;
    private final Map<String, Integer> ids = new HashMap<>();
    private final TreeMap<Integer, AddedToken> byId = new TreeMap<>();

    AddedTokens(TokenizerFolder folder, Map<String, Integer> vocabulary) {
        this.folder = folder;
        this.vocabulary = vocabulary;
    }

    /** An added token from its JSON form. */
    static AddedToken of(int id, String content, JsonNode json) {
        boolean special = json.path("special").asBoolean(false);
        return new AddedToken(
                id,
                content,
                special,
                json.path("normalized").asBoolean(!special),
                json.path("lstrip").asBoolean(false),
                json.path("rstrip").asBoolean(false),
                json.path("single_word").asBoolean(false));
    }

    /** Adds a token that a file lists with its id, or replaces the one of the same text. */
    void addListed(AddedToken token, String file) {
        if (token.content().isEmpty()) {
            return;
        }
        int id = idOf(token.content());
        if (id != token.id()) {
            throw disagreement(token, id, file);
        }
        put(token);
    }

    private InvalidModelException disagreement(AddedToken token, int id, String file) {
        return folder.refuse(
                "tokenizer-ids",
                file,
                "gives the added token " + Quoted.of(token.content()) + " the id " + token.id()
                        + ", but by the vocabulary its id is " + id + "; ids must not repeat or leave gaps");
    }

    /** Makes a named token, such as BOS, a special one; adds it if it is new. */
    void addNamed(String content) {
        int id = idOf(content);
        AddedToken known = byId.get(id);
        put(known == null ? AddedToken.special(id, content) : known.asSpecial());
    }

    private void put(AddedToken token) {
        ids.put(token.content(), token.id());
        byId.put(token.id(), token);
    }

    private int idOf(String content) {
        Integer known = ids.containsKey(content) ? ids.get(content) : vocabulary.get(content);
        return known != null ? known : next();
    }

    /** The id of the next new token. */
    int next() {
        int size = vocabulary.size();
        return byId.isEmpty() ? size : Math.max(size, byId.lastKey() + 1);
    }

    Optional<AddedToken> find(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Whether a token with this text is an added one. */
    boolean holds(String content) {
        return ids.containsKey(content);
    }

    /** The id of a token's text; empty if it is neither added nor in the vocabulary. */
    Optional<Integer> find(String content) {
        Integer known = ids.containsKey(content) ? ids.get(content) : vocabulary.get(content);
        return Optional.ofNullable(known);
    }

    /** All added tokens in the order of their ids. */
    Collection<AddedToken> all() {
        return byId.values();
    }
}
