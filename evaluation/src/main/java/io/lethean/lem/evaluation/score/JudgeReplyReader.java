package io.lethean.lem.evaluation.score;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds JSON objects in what a judge said around them. */
final class JudgeReplyReader {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern FENCED = Pattern.compile("```[A-Za-z]*\\s*(\\{.*?})\\s*```", Pattern.DOTALL);

    /** Enough for any reply that follows the prompt; they keep a reply of braces from taking long. */
    private static final int MOST_OBJECTS = 20;

    private static final int MOST_CHARACTERS = 20_000;

    private JudgeReplyReader() {}

    /** The objects of a reply: those in fenced blocks, then all others in their order. */
    static Stream<Map<String, @Nullable Object>> objects(String reply) {
        String all = ThinkingText.remove(reply);
        String said = all.substring(0, Math.min(all.length(), MOST_CHARACTERS));
        List<String> candidates = new ArrayList<>();
        Matcher fenced = FENCED.matcher(said);
        while (fenced.find() && candidates.size() < MOST_OBJECTS) {
            candidates.add(fenced.group(1));
        }
        addBalanced(said, candidates);
        return candidates.stream().flatMap(JudgeReplyReader::parse);
    }

    private static void addBalanced(String said, List<String> candidates) {
        int limit = candidates.size() + MOST_OBJECTS;
        int at = said.indexOf('{');
        while (at >= 0 && candidates.size() < limit) {
            int end = balancedEnd(said, at);
            if (end > 0) {
                candidates.add(said.substring(at, end));
            }
            limit -= end > 0 ? 0 : 1;
            at = said.indexOf('{', Math.max(end, at + 1));
        }
    }

    /** Where the object ends that begins here, braces inside its strings not counted; -1 if it does not end. */
    private static int balancedEnd(String text, int begin) {
        int depth = 0;
        boolean inString = false;
        for (int i = begin; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inString) {
                i += c == '\\' ? 1 : 0;
                inString = c != '"';
            } else if (c == '"') {
                inString = true;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private static Stream<Map<String, @Nullable Object>> parse(String json) {
        try {
            return Stream.of(plain(JSON.readTree(json)));
        } catch (JacksonException e) {
            return Stream.empty();
        }
    }

    private static Map<String, @Nullable Object> plain(JsonNode object) {
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        object.properties().forEach(member -> plain.put(member.getKey(), plainValue(member.getValue())));
        return plain;
    }

    /** Texts and numbers; a rating of 8.0 is the whole number 8. */
    private static @Nullable Object plainValue(JsonNode value) {
        if (value.isString()) {
            return value.stringValue();
        }
        if (!value.isNumber()) {
            return null;
        }
        double number = value.doubleValue();
        if (number == Math.rint(number) && Math.abs(number) < 1e15) {
            return (long) number;
        }
        return number;
    }
}
