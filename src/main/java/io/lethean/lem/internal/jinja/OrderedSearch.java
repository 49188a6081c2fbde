package io.lethean.lem.internal.jinja;

/** Looks for words that mostly follow each other in a long text, so that all searches together take one pass. */
final class OrderedSearch {

    private final String text;
    private int at;

    OrderedSearch(String text) {
        this.text = text;
    }

    /** Whether the text has a word, after the last one that was found or anywhere. */
    boolean has(String word) {
        int found = text.indexOf(word, at);
        if (found < 0) {
            return text.lastIndexOf(word, at) >= 0;
        }
        at = found;
        return true;
    }
}
