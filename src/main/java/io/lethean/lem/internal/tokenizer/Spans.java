package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;

/** The parts of a text that a pattern matches and those between them, and how they are joined into pieces. */
final class Spans {

    private final List<Span> spans = new ArrayList<>();

    /** A part of the text. */
    private record Span(String text, boolean match) {}

    static Spans of(String text, Matcher matcher, boolean inverted) {
        Spans result = new Spans();
        int end = 0;
        while (matcher.find()) {
            if (matcher.end() > matcher.start()) {
                result.add(text.substring(end, matcher.start()), inverted);
                result.add(matcher.group(), !inverted);
                end = matcher.end();
            }
        }
        result.add(text.substring(end), inverted);
        return result;
    }

    /** Every character of a kind is a match of its own. */
    static Spans of(String text, IntPredicate kind) {
        Spans result = new Spans();
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            int next = at + Character.charCount(point);
            if (kind.test(point)) {
                result.add(text.substring(from, at), false);
                result.add(text.substring(at, next), true);
                from = next;
            }
            at = next;
        }
        result.add(text.substring(from), false);
        return result;
    }

    private void add(String text, boolean match) {
        if (!text.isEmpty()) {
            spans.add(new Span(text, match));
        }
    }

    List<String> pieces(Splitter.Behavior behavior) {
        return switch (behavior) {
            case ISOLATED -> spans.stream().map(Span::text).toList();
            case REMOVED ->
                spans.stream().filter(span -> !span.match()).map(Span::text).toList();
            case MERGED_WITH_PREVIOUS -> mergedWithPrevious();
            case MERGED_WITH_NEXT -> mergedWithNext();
            case CONTIGUOUS -> contiguous();
        };
    }

    private List<String> mergedWithPrevious() {
        List<String> pieces = new ArrayList<>();
        boolean afterMatch = false;
        for (Span span : spans) {
            if (span.match() && !afterMatch && !pieces.isEmpty()) {
                pieces.set(pieces.size() - 1, pieces.getLast() + span.text());
            } else {
                pieces.add(span.text());
            }
            afterMatch = span.match();
        }
        return pieces;
    }

    private List<String> mergedWithNext() {
        List<String> pieces = new ArrayList<>();
        boolean beforeMatch = false;
        for (Span span : spans.reversed()) {
            if (span.match() && !beforeMatch && !pieces.isEmpty()) {
                pieces.set(pieces.size() - 1, span.text() + pieces.getLast());
            } else {
                pieces.add(span.text());
            }
            beforeMatch = span.match();
        }
        Collections.reverse(pieces);
        return pieces;
    }

    private List<String> contiguous() {
        List<String> pieces = new ArrayList<>();
        boolean before = false;
        for (Span span : spans) {
            if (span.match() == before && !pieces.isEmpty()) {
                pieces.set(pieces.size() - 1, pieces.getLast() + span.text());
            } else {
                pieces.add(span.text());
            }
            before = span.match();
        }
        return pieces;
    }
}
