package io.lethean.lem.internal.tools;

/** Text in pieces that something else separates: each piece is a line of its own, without the spaces around it. */
final class SpacedWords {

    /** What was not taken yet. */
    private final StringBuilder out = new StringBuilder();

    /** Spaces that are part of the text only if words follow. */
    private final StringBuilder space = new StringBuilder();

    private boolean any;
    private boolean inPiece;

    /**
     * Adds to the piece.
     *
     * @param stripBegin whether spaces before its first word are left out
     */
    void add(String text, boolean stripBegin) {
        int begin = inPiece || !stripBegin ? 0 : JsonScan.skipSpace(text, 0);
        int end = text.length();
        while (end > begin && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        if (end > begin) {
            if (!inPiece && any) {
                out.append('\n');
            }
            out.append(space).append(text, begin, end);
            space.setLength(0);
            inPiece = true;
            any = true;
        }
        space.append(text, end, text.length());
    }

    /**
     * Ends the piece.
     *
     * @param stripEnd whether spaces after its last word are left out
     */
    void end(boolean stripEnd) {
        if (!stripEnd) {
            out.append(space);
        }
        space.setLength(0);
        inPiece = false;
    }

    /** What is new since the last time. */
    String take() {
        String taken = out.toString();
        out.setLength(0);
        return taken;
    }
}
