package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The pre-tokenizers of tokenizer.json: how a text is cut into words. */
final class PreTokenizers {

    private static final String BYTE_LEVEL_REGEX =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private PreTokenizers() {}

    static Splitter of(JsonNode json) throws UnknownStepException {
        if (json.isMissingNode() || json.isNull()) {
            return List::of;
        }
        String type = json.path("type").asString("");
        return switch (type) {
            case "Sequence" -> sequence(json.path("pretokenizers"));
            case "Split" -> split(json);
            case "ByteLevel" -> byteLevel(json);
            case "Digits" ->
                kind(
                        CharacterKinds::isNumber,
                        json.path("individual_digits").asBoolean(false)
                                ? Splitter.Behavior.ISOLATED
                                : Splitter.Behavior.CONTIGUOUS);
            case "Punctuation" -> kind(CharacterKinds::isPunctuation, behavior(json));
            case "WhitespaceSplit" -> kind(CharacterKinds::isSpace, Splitter.Behavior.REMOVED);
            case "BertPreTokenizer" -> bert();
            case "Whitespace" -> pattern("\\w+|[^\\w\\s]+", Splitter.Behavior.REMOVED, true);
            case "Metaspace" -> metaspace(json);
            default -> throw new UnknownStepException("the pre-tokenizer " + Quoted.of(type));
        };
    }

    private static Splitter sequence(JsonNode members) throws UnknownStepException {
        Splitter all = List::of;
        for (JsonNode member : members.values()) {
            all = joined(all, of(member));
        }
        return all;
    }

    private static Splitter joined(Splitter first, Splitter second) {
        return text -> {
            List<String> pieces = new ArrayList<>();
            first.split(text).forEach(piece -> pieces.addAll(second.split(piece)));
            return pieces;
        };
    }

    private static Splitter split(JsonNode json) throws UnknownStepException {
        BoundedPattern pattern = BoundedPattern.of(json.path("pattern"));
        Splitter.Behavior behavior = behavior(json);
        boolean inverted = json.path("invert").asBoolean(false);
        return text -> Spans.of(text, pattern.matcher(text), inverted).pieces(behavior);
    }

    private static Splitter.Behavior behavior(JsonNode json) throws UnknownStepException {
        return Splitter.Behavior.named(json.path("behavior").asString("Isolated"));
    }

    private static Splitter pattern(String regex, Splitter.Behavior behavior, boolean inverted)
            throws UnknownStepException {
        BoundedPattern pattern = BoundedPattern.ofRegex(regex);
        return text -> Spans.of(text, pattern.matcher(text), inverted).pieces(behavior);
    }

    private static Splitter kind(IntPredicate kind, Splitter.Behavior behavior) {
        return text -> Spans.of(text, kind).pieces(behavior);
    }

    private static Splitter bert() {
        return joined(
                kind(CharacterKinds::isSpace, Splitter.Behavior.REMOVED),
                kind(CharacterKinds::isPunctuation, Splitter.Behavior.ISOLATED));
    }

    private static Splitter byteLevel(JsonNode json) throws UnknownStepException {
        boolean prefix = json.path("add_prefix_space").asBoolean(true);
        Splitter words = json.path("use_regex").asBoolean(true)
                ? pattern(BYTE_LEVEL_REGEX, Splitter.Behavior.ISOLATED, false)
                : List::of;
        return text -> {
            String whole = prefix && !text.startsWith(" ") ? " " + text : text;
            return words.split(whole).stream().map(ByteLetters::of).toList();
        };
    }

    private static Splitter metaspace(JsonNode json) throws UnknownStepException {
        String space = json.path("replacement").asString(SentencePieceTokens.SPACE);
        boolean prepended = !json.path("prepend_scheme").asString("always").equals("never");
        BoundedPattern pattern = BoundedPattern.ofRegex(Pattern.quote(space));
        boolean cut = json.path("split").asBoolean(true);
        return text -> {
            String replaced = text.replace(" ", space);
            String whole = prepended && !replaced.startsWith(space) ? space + replaced : replaced;
            return cut
                    ? Spans.of(whole, pattern.matcher(whole), false).pieces(Splitter.Behavior.MERGED_WITH_NEXT)
                    : List.of(whole);
        };
    }
}
