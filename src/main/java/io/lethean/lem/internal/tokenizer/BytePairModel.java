package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.tokenizer.TokenizerJson.Merge;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Byte-pair encoding: characters are joined by the merge of the lowest rank until no merge fits. */
final class BytePairModel implements WordModel {

    private final Map<String, Integer> vocabulary;
    private final Map<Long, Merged> merges;
    private final boolean ignoresMerges;
    private final boolean byteFallback;
    private final boolean joinsUnknown;
    private final @Nullable Integer unknown;

    /** The rank of a merge and the token that it makes. */
    private record Merged(int rank, int id) {}

    private BytePairModel(TokenizerSource source, boolean ignoresMerges) {
        JsonNode model = source.json().model();
        this.vocabulary = source.json().vocabulary();
        this.ignoresMerges = ignoresMerges;
        this.byteFallback = source.json().byteFallback();
        this.joinsUnknown = model.path("fuse_unk").asBoolean(false);
        this.unknown = vocabulary.get(model.path("unk_token").asString(""));
        this.merges = merges(source);
    }

    static BytePairModel of(TokenizerSource source, boolean ignoresMerges) throws UnknownStepException {
        for (String setting : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            String value = source.json().model().path(setting).asString("");
            if (!value.isEmpty()) {
                throw new UnknownStepException("byte pairs with the " + setting + " " + Quoted.of(value));
            }
        }
        return new BytePairModel(source, ignoresMerges);
    }

    private Map<Long, Merged> merges(TokenizerSource source) {
        List<Merge> list = source.json().merges();
        Map<Long, Merged> result = HashMap.newHashMap(list.size());
        for (int rank = 0; rank < list.size(); rank++) {
            Merge merge = list.get(rank);
            Integer left = vocabulary.get(merge.left());
            Integer right = vocabulary.get(merge.right());
            Integer whole = vocabulary.get(merge.left() + merge.right());
            if (left == null || right == null || whole == null) {
                throw source.refuse(
                        "tokenizer-merges",
                        "has the merge of " + Quoted.of(merge.left()) + " and " + Quoted.of(merge.right())
                                + " at index " + rank + ", but the vocabulary lacks one of these or what they make");
            }
            result.put(pair(left, right), new Merged(rank, whole));
        }
        return result;
    }

    private static long pair(int left, int right) {
        return (long) left << Integer.SIZE | right;
    }

    @Override
    public void encode(String word, List<Integer> target) {
        Integer whole = ignoresMerges ? vocabulary.get(word) : null;
        if (whole != null) {
            target.add(whole);
            return;
        }
        List<Integer> symbols = symbols(word);
        boolean merged = true;
        while (merged) {
            merged = mergeBest(symbols);
        }
        target.addAll(symbols);
    }

    private boolean mergeBest(List<Integer> symbols) {
        Merged best = null;
        int at = -1;
        for (int i = 0; i + 1 < symbols.size(); i++) {
            Merged merged = merges.get(pair(symbols.get(i), symbols.get(i + 1)));
            if (merged != null && (best == null || merged.rank() < best.rank())) {
                best = merged;
                at = i;
            }
        }
        if (best == null) {
            return false;
        }
        symbols.subList(at, at + 2).clear();
        symbols.add(at, best.id());
        return true;
    }

    private List<Integer> symbols(String word) {
        List<Integer> symbols = new ArrayList<>();
        boolean afterUnknown = false;
        for (String letter : letters(word)) {
            Integer id = vocabulary.get(letter);
            List<Integer> bytes = id == null && byteFallback ? bytes(letter) : List.of();
            if (id != null) {
                symbols.add(id);
            } else if (!bytes.isEmpty()) {
                symbols.addAll(bytes);
            } else if (unknown != null && !(joinsUnknown && afterUnknown)) {
                symbols.add(unknown);
            }
            afterUnknown = id == null && bytes.isEmpty();
        }
        return symbols;
    }

    private static List<String> letters(String word) {
        return word.codePoints().mapToObj(Character::toString).toList();
    }

    /** The tokens of a character's bytes; empty unless all of them exist. */
    private List<Integer> bytes(String letter) {
        byte[] utf8 = letter.getBytes(StandardCharsets.UTF_8);
        List<Integer> ids = IntStream.range(0, utf8.length)
                .mapToObj(i -> String.format(Locale.ROOT, "<0x%02X>", utf8[i] & 0xFF))
                .filter(vocabulary::containsKey)
                .map(vocabulary::get)
                .toList();
        return ids.size() == utf8.length ? ids : List.of();
    }
}
