package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.io.PythonJson;

/** Texts of files in messages: in quotes, escaped, and not longer than a line. */
final class Quoted {

    private static final int MAX_LENGTH = 200;

    private Quoted() {}

    static String of(String text) {
        StringBuilder out = new StringBuilder();
        boolean whole = text.length() <= MAX_LENGTH;
        PythonJson.appendText(out, whole ? text : text.substring(0, MAX_LENGTH), true);
        return whole ? out.toString() : out + "...";
    }
}
