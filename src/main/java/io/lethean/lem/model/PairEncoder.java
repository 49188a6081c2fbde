package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.model.Conversations.TextSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Turns a query and a document into the tokens that a reranker was trained on.
 *
 * <p>Without a template these are the tokens of two texts in transformers: {@code [CLS] query [SEP] document [SEP]} or
 * {@code <s> query </s></s> document </s>}. The texts of control tokens in them are ordinary text.
 */
final class PairEncoder {

    /**
     * Tokens of a pair.
     *
     * @param second where the tokens of the document begin
     */
    record Pair(int[] tokens, int second) {}

    private static final Pattern PLACE = Pattern.compile("\\{(query|document)}");

    private final Vocabulary vocabulary;
    private final Optional<String> template;

    PairEncoder(Vocabulary vocabulary, Optional<String> template) {
        this.vocabulary = vocabulary;
        this.template = template;
    }

    Pair encode(String query, String document) {
        return template.map(form -> new Pair(filled(form, query, document), 0))
                .orElseGet(() -> joined(query, document));
    }

    private Pair joined(String query, String document) {
        int[] around = vocabulary.tokenize("", true, false);
        boolean begins = around.length > 1 || around.length == 1 && vocabulary.addsBos();
        int[] begin = begins ? Arrays.copyOf(around, 1) : new int[0];
        int[] end = Arrays.copyOfRange(around, begin.length, around.length);
        int[] first = concat(begin, vocabulary.tokenize(query, false, false), end, separator(end));
        return new Pair(concat(first, vocabulary.tokenize(document, false, false), end), first.length);
    }

    /** Tokenizers of the form of BERT end each text with the separator; others put one between the texts. */
    private int[] separator(int[] end) {
        int separator = vocabulary.separator();
        boolean wanted = vocabulary.addsSeparator() && separator >= 0;
        boolean ended = end.length > 0 && !vocabulary.addsEos();
        return wanted && !ended ? new int[] {separator} : new int[0];
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    /** Tokenized as one, unless a text spells a control token. */
    private int[] filled(String form, String query, String document) {
        List<TextSpan> spans = new ArrayList<>();
        int at = 0;
        for (MatchResult place : PLACE.matcher(form).results().toList()) {
            spans.add(new TextSpan(form.substring(at, place.start()), false));
            spans.add(new TextSpan(place.group(1).equals("query") ? query : document, true));
            at = place.end();
        }
        spans.add(new TextSpan(form.substring(at), false));
        if (spellsControl(query) || spellsControl(document)) {
            return concat(spans.stream()
                    .map(span -> vocabulary.tokenize(span.text(), false, !span.ofMessage()))
                    .toArray(int[][]::new));
        }
        StringBuilder whole = new StringBuilder();
        spans.forEach(span -> whole.append(span.text()));
        return vocabulary.tokenize(whole.toString(), false, true);
    }

    private boolean spellsControl(String text) {
        return !Arrays.equals(vocabulary.tokenize(text, false, true), vocabulary.tokenize(text, false, false));
    }
}
