package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code [TOOL_CALLS]} and a list of calls, or the name of a tool, {@code [ARGS]} and its arguments. */
final class MistralCalls implements CallReader {

    static final String OPEN = "[TOOL_CALLS]";
    static final String ID = "[CALL_ID]";
    static final String ARGUMENTS = "[ARGS]";

    private static final Pattern START = Pattern.compile(Pattern.quote(OPEN));
    private static final Pattern HEAD = Pattern.compile(
            "\\s{0,20}([^\\s\\[\\]{}]{1,200})\\s{0,20}(?:\\[CALL_ID\\]([^\\[]{0,200}))?(?:\\[ARGS\\])?\\s{0,20}");

    @Override
    public Pattern start() {
        return START;
    }

    @Override
    public Outcome read(String text, int at) {
        int begin = JsonScan.skipSpace(text, at + OPEN.length());
        if (begin == text.length()) {
            return new Unfinished(begin);
        }
        boolean list = "[{".indexOf(text.charAt(begin)) >= 0;
        return list ? list(text, begin) : named(text, begin);
    }

    private static Outcome list(String text, int begin) {
        int end = JsonScan.end(text, begin);
        if (end == JsonScan.UNFINISHED) {
            return new Unfinished(text.length());
        }
        return JsonScan.calls(text.substring(begin, end))
                .<Outcome>map(calls -> new Calls(calls, end))
                .orElse(new Malformed(end));
    }

    @SuppressWarnings("JdkObsolete")
    private static Outcome named(String text, int begin) {
        Matcher head = HEAD.matcher(text).region(begin, text.length());
        boolean found = head.lookingAt();
        if (!found || head.hitEnd() || head.end() == text.length()) {
            return head.hitEnd() || found ? new Unfinished(text.length()) : new Malformed(begin);
        }
        if (text.charAt(head.end()) != '{') {
            boolean cut = JsonScan.couldBegin(text, head.end(), ID) || JsonScan.couldBegin(text, head.end(), ARGUMENTS);
            return cut ? new Unfinished(text.length()) : new Malformed(head.end());
        }
        int end = JsonScan.end(text, head.end());
        if (end == JsonScan.UNFINISHED) {
            return new Unfinished(text.length());
        }
        String arguments = text.substring(head.end(), end);
        String id = Optional.ofNullable(head.group(2)).orElse("").strip();
        return JsonScan.isObject(arguments)
                ? new Calls(List.of(new ToolCall(id, head.group(1), arguments)), end)
                : new Malformed(end);
    }
}
