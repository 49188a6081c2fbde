package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A tokenizer.json together with the files that change it, as transformers loads it.
 *
 * @param added the added tokens of all files
 */
record TokenizerSource(TokenizerFolder folder, TokenizerJson json, TokenizerConfig config, AddedTokens added) {

    /** @param room the model's vocab_size: a class's own special tokens are added only below it */
    static TokenizerSource load(TokenizerFolder folder, TokenizerJson json, OptionalInt room) throws IOException {
        requireDistinctIds(folder, json);
        TokenizerConfig config = TokenizerConfig.read(folder, json);
        AddedTokens added = new AddedTokens(folder, json.vocabulary());
        Comparator<AddedToken> byId = Comparator.comparingInt(AddedToken::id);
        json.added().stream().sorted(byId).forEach(token -> added.addListed(token, TokenizerJson.FILE));
        config.added().stream().sorted(byId).forEach(token -> added.addListed(token, TokenizerConfig.FILE));
        for (String text : config.special()) {
            addSpecial(text, json, config, added, room);
        }
        return new TokenizerSource(folder, json, config, added);
    }

    private static void addSpecial(
            String text, TokenizerJson json, TokenizerConfig config, AddedTokens added, OptionalInt room) {
        if (added.holds(text)) {
            if (config.marks(text, json)) {
                added.addNamed(text);
            }
        } else if (added.find(text).isPresent()
                || !config.kind().defaults().containsValue(text)
                || added.next() < room.orElse(0)) {
            added.addNamed(text);
        }
    }

    private static void requireDistinctIds(TokenizerFolder folder, TokenizerJson json) {
        Set<Integer> ids = new HashSet<>();
        for (Map.Entry<String, Integer> token : json.vocabulary().entrySet()) {
            if (!ids.add(token.getValue())) {
                throw folder.refuse(
                        "tokenizer-ids",
                        TokenizerJson.FILE,
                        "gives the token " + Quoted.of(token.getKey()) + " the id " + token.getValue()
                                + ", which another token has, too");
            }
        }
    }

    /** The number of tokens, if no id is left out. */
    int size() {
        int vocabulary = json.vocabulary().values().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(-1);
        int last = added.all().stream().mapToInt(AddedToken::id).max().orElse(-1);
        return Math.max(vocabulary, last) + 1;
    }

    /** The size of the model's vocabulary, in which all tokens must have a place. */
    int requireRoom(OptionalInt vocabularySize) {
        int needed = size();
        int size = vocabularySize.orElse(needed);
        if (needed > size) {
            throw refuse(
                    "tokenizer-size",
                    "has tokens up to id " + (needed - 1) + textOf(needed - 1) + ", but the configuration's vocab_size"
                            + " is " + size + "; tokenizer and model do not belong together");
        }
        return size;
    }

    private String textOf(int id) {
        return Stream.concat(
                        added.all().stream().filter(token -> token.id() == id).map(AddedToken::content),
                        json.vocabulary().entrySet().stream()
                                .filter(token -> token.getValue() == id)
                                .map(Map.Entry::getKey))
                .findFirst()
                .map(text -> " (" + Quoted.of(text) + ")")
                .orElse("");
    }

    InvalidModelException refuse(String rule, String problem) {
        return folder.refuse(rule, TokenizerJson.FILE, problem);
    }
}
