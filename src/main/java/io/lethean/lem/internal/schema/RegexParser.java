package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Regex.Assertion;
import io.lethean.lem.internal.schema.Regex.Characters;
import io.lethean.lem.internal.schema.Regex.Choice;
import io.lethean.lem.internal.schema.Regex.Repeat;
import io.lethean.lem.internal.schema.Regex.Sequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the patterns of JSON Schema: ECMA-262 with characters rather than UTF-16 units, and the escapes of punctuation
 * that web browsers also take. Look-around and back references do not describe regular sets and are refused.
 */
final class RegexParser {

    private static final int DEEPEST = 100;
    private static final int MOST_REPEATS = 100_000;

    private final PatternText text;
    private int depth;

    private RegexParser(PatternText text) {
        this.text = text;
    }

    /**
     * The expression of a whole pattern.
     *
     * @param place where the schema has it, for the message
     * @throws GrammarException if it is malformed or not regular
     */
    static Regex parse(String pattern, String place) {
        PatternText text = new PatternText(pattern, place);
        Regex regex = new RegexParser(text).choice();
        if (!text.atEnd()) {
            throw text.refused("a closing parenthesis has no opening one");
        }
        return regex;
    }

    private Regex choice() {
        if (++depth > DEEPEST) {
            throw text.refused("groups are nested deeper than " + DEEPEST);
        }
        List<Regex> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (text.skip("|"));
        depth--;
        return options.size() == 1 ? options.getFirst() : new Choice(options);
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (!text.atEnd() && !text.lookingAt("|") && !text.lookingAt(")")) {
            parts.add(quantified(term()));
        }
        return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
    }

    private Regex term() {
        if (text.skip("^")) {
            return Assertion.BEGIN;
        } else if (text.skip("$")) {
            return Assertion.END;
        } else if (text.skip("\\b")) {
            return Assertion.WORD_BOUNDARY;
        } else if (text.skip("\\B")) {
            return Assertion.NO_WORD_BOUNDARY;
        } else if (text.skip("(")) {
            return group();
        } else if (text.skip("[")) {
            return new Characters(new CharacterClass(text).read());
        } else if (text.skip(".")) {
            return new Characters(Regex.LINE_END.not());
        } else if (text.skip("\\")) {
            return new Characters(new CharacterEscape(text).read(false).set());
        }
        if (text.lookingAt("*") || text.lookingAt("+") || text.lookingAt("?") || text.lookingAt("{")) {
            throw text.refused("there is nothing to repeat; a brace that stands for itself is written \\{");
        }
        return new Characters(CodePoints.of(text.next()));
    }

    private Regex group() {
        if (text.skip("?")) {
            if (text.skip("<") && !text.lookingAt("=") && !text.lookingAt("!")) {
                text.until('>');
            } else if (!text.skip(":")) {
                throw text.refused("look-ahead, look-behind and flags of groups cannot be followed");
            }
        }
        Regex inner = choice();
        if (!text.skip(")")) {
            throw text.refused("a closing parenthesis is missing");
        }
        return inner;
    }

    private Regex quantified(Regex body) {
        Regex result = body;
        if (text.skip("*")) {
            result = new Repeat(body, 0, -1);
        } else if (text.skip("+")) {
            result = new Repeat(body, 1, -1);
        } else if (text.skip("?")) {
            result = new Repeat(body, 0, 1);
        } else if (text.skip("{")) {
            result = counted(body);
        } else {
            return body;
        }
        // Taking as little as possible matches the same texts.
        text.skip("?");
        if (body instanceof Assertion) {
            throw text.refused("an assertion cannot be repeated");
        }
        return result;
    }

    private Regex counted(Regex body) {
        int least = count();
        int most = least;
        if (text.skip(",")) {
            most = text.lookingAt("}") ? -1 : count();
        }
        if (!text.skip("}")) {
            throw text.refused("a closing brace is missing; a brace that stands for itself is written \\{");
        }
        if (most >= 0 && most < least) {
            throw text.refused("a repetition of at least " + least + " and at most " + most);
        }
        return new Repeat(body, least, most);
    }

    private int count() {
        int value = 0;
        int begin = text.position();
        while (!text.atEnd() && Regex.DIGITS.contains(text.peek())) {
            value = value * 10 + text.next() - '0';
            if (value > MOST_REPEATS) {
                throw text.refused("a repetition of more than " + MOST_REPEATS);
            }
        }
        if (text.position() == begin) {
            throw text.refused("a number of repetitions is expected; a brace that stands for itself is written \\{");
        }
        return value;
    }
}
