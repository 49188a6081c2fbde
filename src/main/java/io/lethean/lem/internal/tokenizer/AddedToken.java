package io.lethean.lem.internal.tokenizer;

/**
 * A token that is found in a text before the text is cut into words.
 *
 * @param id the id that its file gives it
 * @param special whether it is left out of decoded text
 * @param normalized whether it is searched in the normalized text instead of the original one
 * @param leftStrip whether it swallows whitespace before it
 * @param rightStrip whether it swallows whitespace after it
 * @param singleWord whether it is found only between characters that are not part of words
 */
record AddedToken(
        int id,
        String content,
        boolean special,
        boolean normalized,
        boolean leftStrip,
        boolean rightStrip,
        boolean singleWord) {

    static AddedToken special(int id, String content) {
        return new AddedToken(id, content, true, false, false, false, false);
    }

    AddedToken withId(int newId) {
        return new AddedToken(newId, content, special, normalized, leftStrip, rightStrip, singleWord);
    }

    /** The same token as a named special token such as BOS. */
    AddedToken asSpecial() {
        return new AddedToken(id, content, true, normalized, leftStrip, rightStrip, singleWord);
    }

    /** True for texts that mark control tokens by custom, whatever their file says. */
    static boolean looksSpecial(String text) {
        return switch (text) {
            case "<pad>", "<mask>", "<2mass>", "[@BOS@]" -> true;
            default ->
                text.startsWith("<|") && text.endsWith("|>")
                        || text.startsWith("<｜") && text.endsWith("｜>")
                        || text.startsWith("<unused") && text.endsWith(">");
        };
    }
}
