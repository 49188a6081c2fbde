package io.lethean.lem.cli;

import java.util.List;

/** A piped text as its lines. */
final class TextLines {

    private TextLines() {}

    /** The lines; an empty one within the text is a text of its own. */
    static List<String> of(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\\R", -1));
    }
}
