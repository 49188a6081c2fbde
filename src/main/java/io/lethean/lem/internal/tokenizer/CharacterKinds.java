package io.lethean.lem.internal.tokenizer;

/** Kinds of characters as the tokenizers library tells them apart. */
final class CharacterKinds {

    private static final int[][] HAN = {
        {0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
        {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F}
    };

    private CharacterKinds() {}

    /** Unicode's whitespace. */
    static boolean isSpace(int point) {
        return point >= 0x09 && point <= 0x0D || point == 0x85 || Character.isSpaceChar(point);
    }

    /** Control, format, private and unassigned characters, but not tab and line breaks. */
    static boolean isControl(int point) {
        if (point == '\t' || point == '\n' || point == '\r') {
            return false;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    static boolean isHan(int point) {
        for (int[] range : HAN) {
            if (point >= range[0] && point <= range[1]) {
                return true;
            }
        }
        return false;
    }

    static boolean isNumber(int point) {
        return switch (Character.getType(point)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }

    /** Punctuation, and all of ASCII's signs. */
    static boolean isPunctuation(int point) {
        if (point < 0x80) {
            return point > ' ' && point < 0x7F && !Character.isLetterOrDigit(point);
        }
        return switch (Character.getType(point)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }
}
