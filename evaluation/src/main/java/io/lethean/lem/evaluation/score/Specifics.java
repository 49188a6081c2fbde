package io.lethean.lem.evaluation.score;

/** Proper nouns and numbers in an answer, as the v2 scorer counts them. */
final class Specifics {

    private Specifics() {}

    /**
     * Words of one capital and two or more small ASCII letters that do not follow a full stop and a space, in the text
     * without its first code point.
     *
     * <p>The published expression runs on the shortened text, so its first position is always a word's start, and the
     * dropped code point is not part of the look-behind.
     */
    static int properNouns(AnswerText text) {
        int nouns = 0;
        if (text.length() > 1 && text.isWord(0) && isProperNoun(text, 1)) {
            nouns++;
        }
        for (int word = 0; word < text.wordStartCount(); word++) {
            int start = text.wordStart(word);
            if (start > 0 && isProperNoun(text, start)) {
                nouns++;
            }
        }
        return nouns;
    }

    private static boolean isProperNoun(AnswerText text, int start) {
        if (!text.isAsciiUpper(start) || opensSentence(text, start)) {
            return false;
        }
        int end = start + 1;
        while (text.isAsciiLower(end)) {
            end++;
        }
        return end - start >= 3 && text.isBoundary(end);
    }

    private static boolean opensSentence(AnswerText text, int start) {
        return start >= 3 && text.is(start - 1, ' ') && text.is(start - 2, '.');
    }

    /** Matches of {@code \b\d+[\d,.]*\b}: a number directly before a letter does not count. */
    static int numbers(AnswerText text) {
        int numbers = 0;
        int free = 0;
        for (int word = 0; word < text.wordStartCount(); word++) {
            int start = text.wordStart(word);
            int end = start < free || !text.isDigit(start) ? -1 : numberEnd(text, start);
            if (end >= 0) {
                numbers++;
                free = end;
            }
        }
        return numbers;
    }

    /** The last boundary in the run of digits, commas and dots, or -1 if the leading digits run into a word. */
    private static int numberEnd(AnswerText text, int start) {
        int end = start;
        while (text.isDigit(end) || text.is(end, ',') || text.is(end, '.')) {
            end++;
        }
        while (end > start && !text.isBoundary(end)) {
            end--;
        }
        return end > start ? end : -1;
    }
}
