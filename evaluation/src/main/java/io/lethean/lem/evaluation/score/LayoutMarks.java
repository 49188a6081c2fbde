package io.lethean.lem.evaluation.score;

/** Marks of layout in an answer: breaks, ellipses, dashes, emphasis, quotes, headings and bars. */
final class LayoutMarks {

    private LayoutMarks() {}

    /**
     * Matches of {@code \n\n|\.\.\.|U+2014|[*_]{1,2}\w|>\s|#{1,3}\s|\|}, from left to right without overlap.
     */
    static int count(AnswerText text) {
        int marks = 0;
        int at = 0;
        while (at < text.length()) {
            int end = markEnd(text, at);
            marks += end > at ? 1 : 0;
            at = Math.max(end, at + 1);
        }
        return marks;
    }

    /** One more than the blank lines that part the text; a carriage return before the line feed hides one. */
    static int paragraphs(AnswerText text) {
        int paragraphs = 1;
        for (int at = 0; at < text.length() - 1; at++) {
            if (text.is(at, '\n') && text.is(at + 1, '\n')) {
                paragraphs++;
                at++;
            }
        }
        return paragraphs;
    }

    /** The end of the mark that begins here, or the position itself. */
    private static int markEnd(AnswerText text, int at) {
        return switch (text.foldedAt(at)) {
            case '\n' -> text.is(at + 1, '\n') ? at + 2 : at;
            case '.' -> text.is(at + 1, '.') && text.is(at + 2, '.') ? at + 3 : at;
            case '*', '_' -> emphasisEnd(text, at);
            case '>' -> text.isBlank(at + 1) ? at + 2 : at;
            case '#' -> headingEnd(text, at);
            case '|' -> at + 1;
            default -> text.isEmDash(at) ? at + 1 : at;
        };
    }

    /** One or two marks and a word character; the underscore is a mark and a word character, so two are tried first. */
    private static int emphasisEnd(AnswerText text, int at) {
        boolean second = text.is(at + 1, '*') || text.is(at + 1, '_');
        if (second && text.isWord(at + 2)) {
            return at + 3;
        }
        return text.isWord(at + 1) ? at + 2 : at;
    }

    private static int headingEnd(AnswerText text, int at) {
        int end = at + 1;
        while (end < at + 3 && text.is(end, '#')) {
            end++;
        }
        return text.isBlank(end) ? end + 1 : at;
    }
}
