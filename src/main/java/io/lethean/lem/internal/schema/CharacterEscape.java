package io.lethean.lem.internal.schema;

import java.util.Locale;
import java.util.Set;

/** Reads what follows a backslash in a pattern, where it stands for characters. */
final class CharacterEscape {

    /** @param single whether it is one character, which can begin or end a range */
    record Meaning(CodePoints set, boolean single) {
        static Meaning one(int character) {
            return new Meaning(CodePoints.of(character), true);
        }
    }

    /** The codes of general categories, by the number that {@link Character#getType(int)} gives; 17 is not used. */
    private static final String[] CATEGORIES = {
        "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "", "Co",
        "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf"
    };

    private static final Set<String> GROUPS = Set.of("L", "M", "N", "Z", "C", "P", "S");

    private final PatternText text;

    CharacterEscape(PatternText text) {
        this.text = text;
    }

    Meaning read(boolean inClass) {
        int letter = text.next();
        return switch (letter) {
            case 'd' -> new Meaning(Regex.DIGITS, false);
            case 'D' -> new Meaning(Regex.DIGITS.not(), false);
            case 'w' -> new Meaning(Regex.WORD, false);
            case 'W' -> new Meaning(Regex.WORD.not(), false);
            case 's' -> new Meaning(Regex.SPACE, false);
            case 'S' -> new Meaning(Regex.SPACE.not(), false);
            case 'p' -> new Meaning(category(), false);
            case 'P' -> new Meaning(category().not(), false);
            case 't' -> Meaning.one('\t');
            case 'n' -> Meaning.one('\n');
            case 'v' -> Meaning.one(0x0B);
            case 'f' -> Meaning.one('\f');
            case 'r' -> Meaning.one('\r');
            case '0' -> zero();
            case 'c' -> control();
            case 'x' -> Meaning.one(text.hex(2));
            case 'u' -> unicode();
            default -> other(letter, inClass);
        };
    }

    private Meaning other(int letter, boolean inClass) {
        if (letter == 'b' && inClass) {
            return Meaning.one('\b');
        }
        if (letter >= '1' && letter <= '9' || letter == 'k') {
            throw text.refused("references back to groups cannot be followed");
        }
        if (Character.isLetterOrDigit(letter)) {
            throw text.refused(String.format(Locale.ROOT, "the escape \\%s is unknown", Character.toString(letter)));
        }
        return Meaning.one(letter);
    }

    private Meaning zero() {
        if (!text.atEnd() && Regex.DIGITS.contains(text.peek())) {
            throw text.refused("octal escapes are not part of JSON Schema's patterns");
        }
        return Meaning.one(0);
    }

    private Meaning control() {
        int letter = text.next();
        if (letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z') {
            return Meaning.one(letter % 32);
        }
        throw text.refused("\\c is followed by a letter");
    }

    private Meaning unicode() {
        int value;
        if (text.skip("{")) {
            value = text.hex(text.until('}'));
        } else {
            value = text.hex(4);
            if (value >= 0xD800 && value <= 0xDBFF && text.skip("\\u")) {
                int low = text.hex(4);
                boolean pair = low >= 0xDC00 && low <= 0xDFFF;
                value = pair ? Character.toCodePoint((char) value, (char) low) : value;
            }
        }
        if (value >= 0xD800 && value <= 0xDFFF) {
            throw text.refused("a lone surrogate is not a character");
        }
        return Meaning.one(value);
    }

    private CodePoints category() {
        String name = text.skip("{") ? text.until('}') : "";
        String code = name.replaceFirst("^(General_Category|gc)=", "");
        boolean group = GROUPS.contains(code);
        if (!group && (code.length() != 2 || !Set.of(CATEGORIES).contains(code))) {
            throw text.refused(
                    "the property {" + name + "} is unknown; general categories such as {L} and {Lu} are known");
        }
        return CodePoints.where(c -> CATEGORIES[Character.getType(c)].startsWith(code));
    }
}
