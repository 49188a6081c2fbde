package io.lethean.lem.internal.tokenizer;

import java.text.Normalizer;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import tools.jackson.databind.JsonNode;

/** The normalizers of tokenizer.json: what happens to a text before it is cut into words. */
final class Normalizers {

    private Normalizers() {}

    static UnaryOperator<String> of(JsonNode json) throws UnknownStepException {
        if (json.isMissingNode() || json.isNull()) {
            return UnaryOperator.identity();
        }
        String type = json.path("type").asString("");
        return switch (type) {
            case "NFC" -> text -> Normalizer.normalize(text, Normalizer.Form.NFC);
            case "NFD" -> text -> Normalizer.normalize(text, Normalizer.Form.NFD);
            case "NFKC" -> text -> Normalizer.normalize(text, Normalizer.Form.NFKC);
            case "NFKD" -> text -> Normalizer.normalize(text, Normalizer.Form.NFKD);
            case "Lowercase" -> text -> text.toLowerCase(Locale.ROOT);
            case "StripAccents" -> text -> without(text, Normalizers::isMark);
            case "Strip" -> strip(json);
            case "Prepend" -> prepend(json.path("prepend").asString(""));
            case "Replace" -> replace(json);
            case "ByteLevel" -> ByteLetters::of;
            case "BertNormalizer" -> bert(json);
            case "Sequence" -> sequence(json.path("normalizers"));
            default -> throw new UnknownStepException("the normalizer " + Quoted.of(type));
        };
    }

    private static UnaryOperator<String> sequence(JsonNode members) throws UnknownStepException {
        UnaryOperator<String> all = UnaryOperator.identity();
        for (JsonNode member : members.values()) {
            UnaryOperator<String> before = all;
            UnaryOperator<String> next = of(member);
            all = text -> next.apply(before.apply(text));
        }
        return all;
    }

    private static UnaryOperator<String> strip(JsonNode json) {
        boolean left = json.path("strip_left").asBoolean(true);
        boolean right = json.path("strip_right").asBoolean(true);
        return text -> {
            String stripped = left ? text.stripLeading() : text;
            return right ? stripped.stripTrailing() : stripped;
        };
    }

    private static UnaryOperator<String> prepend(String prefix) {
        return text -> text.isEmpty() ? text : prefix + text;
    }

    private static UnaryOperator<String> replace(JsonNode json) throws UnknownStepException {
        BoundedPattern pattern = BoundedPattern.of(json.path("pattern"));
        String content = Matcher.quoteReplacement(json.path("content").asString(""));
        return text -> pattern.matcher(text).replaceAll(content);
    }

    private static UnaryOperator<String> bert(JsonNode json) {
        boolean clean = json.path("clean_text").asBoolean(true);
        boolean spaced = json.path("handle_chinese_chars").asBoolean(true);
        boolean lowercase = json.path("lowercase").asBoolean(true);
        boolean plain = json.path("strip_accents").asBoolean(lowercase);
        return text -> {
            String result = clean ? cleaned(text) : text;
            result = spaced ? withSpacesAroundHan(result) : result;
            result = plain
                    ? without(
                            Normalizer.normalize(result, Normalizer.Form.NFD),
                            point -> Character.getType(point) == Character.NON_SPACING_MARK)
                    : result;
            return lowercase ? result.toLowerCase(Locale.ROOT) : result;
        };
    }

    private static String cleaned(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (point != 0xFFFD && !CharacterKinds.isControl(point)) {
                out.appendCodePoint(CharacterKinds.isSpace(point) ? ' ' : point);
            }
        });
        return out.toString();
    }

    private static String withSpacesAroundHan(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (CharacterKinds.isHan(point)) {
                out.append(' ').appendCodePoint(point).append(' ');
            } else {
                out.appendCodePoint(point);
            }
        });
        return out.toString();
    }

    private static String without(String text, IntPredicate removed) {
        StringBuilder out = new StringBuilder();
        text.codePoints().filter(removed.negate()).forEach(out::appendCodePoint);
        return out.toString();
    }

    private static boolean isMark(int point) {
        int type = Character.getType(point);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }
}
