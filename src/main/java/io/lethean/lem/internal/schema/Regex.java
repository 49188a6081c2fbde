package io.lethean.lem.internal.schema;

import java.util.List;

/** A regular expression. */
sealed interface Regex {

    /** One character of a set. */
    record Characters(CodePoints set) implements Regex {}

    /** One after the other; the empty text without parts. */
    record Sequence(List<Regex> parts) implements Regex {}

    record Choice(List<Regex> options) implements Regex {}

    /** @param most -1 for any number of times */
    record Repeat(Regex body, int least, int most) implements Regex {}

    /** What must hold between two characters. */
    enum Assertion implements Regex {
        BEGIN,
        END,
        WORD_BOUNDARY,
        NO_WORD_BOUNDARY
    }

    CodePoints DIGITS = CodePoints.range('0', '9');
    CodePoints WORD =
            DIGITS.or(CodePoints.range('A', 'Z')).or(CodePoints.range('a', 'z')).or(CodePoints.of('_'));
    /** White space and line terminators of ECMA-262. */
    CodePoints SPACE = CodePoints.anyOf("\t\n\u000B\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF")
            .or(CodePoints.range(0x2000, 0x200A));

    CodePoints LINE_END = CodePoints.anyOf("\n\r\u2028\u2029");
}
