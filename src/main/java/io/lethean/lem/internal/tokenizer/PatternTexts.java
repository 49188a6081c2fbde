package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The patterns of a pre-tokenizer, for messages and comparison. */
final class PatternTexts {

    private PatternTexts() {}

    static List<String> of(JsonNode preTokenizer) {
        List<String> texts = new ArrayList<>();
        for (JsonNode member : preTokenizer.path("pretokenizers").values()) {
            texts.addAll(of(member));
        }
        JsonNode pattern = preTokenizer.path("pattern");
        JsonNode text = pattern.has("Regex") ? pattern.path("Regex") : pattern.path("String");
        if (text.isString()) {
            texts.add(text.stringValue());
        }
        return texts;
    }

    /** A phrase that names the patterns or, without one, the kind. */
    static String described(JsonNode preTokenizer) {
        List<String> patterns = of(preTokenizer);
        if (patterns.isEmpty()) {
            String type = preTokenizer.path("type").asString("");
            return type.isEmpty() ? "it has no pre-tokenizer" : "its pre-tokenizer is " + Quoted.of(type);
        }
        return (patterns.size() == 1 ? "its pattern is " : "its patterns are ")
                + patterns.stream().map(Quoted::of).collect(Collectors.joining(", "));
    }
}
