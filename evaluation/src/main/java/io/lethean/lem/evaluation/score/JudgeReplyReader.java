package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.score.LenientJson.Members;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds JSON objects in the text of a judge's reply. */
final class JudgeReplyReader {

    /** Thinking in the marks of further model families, as a service without a reasoning parser passes them on. */
    private static final Pattern FURTHER_THINKING = Pattern.compile(
            "\\[THINK].*?(?:\\[/THINK]|\\z)|\u25c1think\u25b7.*?(?:\u25c1/think\u25b7|\\z)"
                    + "|<\\|START_THINKING\\|>.*?(?:<\\|END_THINKING\\|>|\\z)"
                    + "|<(seed:think|scratchpad|reflection|thoughts)>.*?(?:</\\1>|\\z)",
            Pattern.DOTALL);

    /** Enough for any reply that follows the prompt; they keep a reply of braces from taking long. */
    private static final int MOST_TRIES = 60;

    private static final int MOST_CHARACTERS = 20_000;

    private JudgeReplyReader() {}

    /** The objects of a reply in their order, without those in its thinking. */
    static List<Members> objects(String reply) {
        String all = ThinkingText.remove(FURTHER_THINKING.matcher(reply).replaceAll(""));
        String said = all.substring(0, Math.min(all.length(), MOST_CHARACTERS));
        List<Members> objects = new ArrayList<>();
        int at = said.indexOf('{');
        for (int tries = 0; at >= 0 && tries < MOST_TRIES; tries++) {
            int end = balancedEnd(said, at);
            Optional<Members> object = end < 0 ? Optional.empty() : LenientJson.object(said.substring(at, end));
            object.ifPresent(objects::add);
            at = said.indexOf('{', object.isPresent() ? end : at + 1);
        }
        return objects;
    }

    /** Where the object ends that begins here, braces inside its strings not counted; -1 if it does not end. */
    private static int balancedEnd(String text, int begin) {
        int depth = 0;
        char quote = 0;
        char before = 0;
        for (int i = begin; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'' && "{,:[".indexOf(before) >= 0) {
                quote = c;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i + 1;
            }
            before = Character.isWhitespace(c) ? before : c;
        }
        return -1;
    }
}
