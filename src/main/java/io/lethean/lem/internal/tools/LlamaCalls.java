package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.PythonJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON at the beginning of a line, {@code <|python_tag|>} and JSON or a call in Python, or {@code <function=f>} and JSON.
 *
 * <p>JSON with nothing before it is a call only if its name is the name of a tool.
 */
final class LlamaCalls implements CallReader {

    static final String TAG = "<|python_tag|>";
    private static final String FUNCTION = "<function=";
    private static final String FUNCTION_END = "</function>";
    private static final String FENCE = "```";

    private static final Pattern START = Pattern.compile(
            "<\\|python_tag\\|>|<function=|^[ \\t]*(?:```[a-z_]{0,20}[ \\t]*\\n\\s{0,20})?"
                    + "\\[?\\s{0,20}\\{\\s{0,20}\"(?:name|type|function)\"\\s{0,20}:",
            Pattern.MULTILINE);
    private static final Pattern PYTHON = Pattern.compile("([A-Za-z_][A-Za-z0-9_.-]{0,100})\\.call\\(");

    private static final Pattern NAME = Pattern.compile("\"(?:name|function)\"\\s{0,20}:\\s{0,20}\"([^\"]{0,200})\"");

    /** Tools that take what follows the tag as a program. */
    private static final List<String> INTERPRETERS = List.of("code_interpreter", "python", "ipython");

    private final ToolSchemas tools;

    LlamaCalls(ToolSchemas tools) {
        this.tools = tools;
    }

    @Override
    public Pattern start() {
        return START;
    }

    @Override
    public Outcome read(String text, int at) {
        int begin = JsonScan.skipSpace(text, at);
        if (text.startsWith(FUNCTION, begin)) {
            return function(text, begin);
        }
        if (text.startsWith(TAG, begin)) {
            int after = JsonScan.skipSpace(text, begin + TAG.length());
            if (after == text.length()) {
                return new Unfinished(text.length());
            }
            return "{[".indexOf(text.charAt(after)) >= 0 ? json(text, after, true, false) : python(text, after);
        }
        boolean fenced = text.startsWith(FENCE, begin);
        return json(text, fenced ? JsonScan.skipSpace(text, text.indexOf('\n', begin)) : begin, false, fenced);
    }

    private Outcome json(String text, int begin, boolean tagged, boolean fenced) {
        int end = JsonScan.end(text, begin);
        if (end == JsonScan.UNFINISHED) {
            return tagged || namesOurs(text, begin) ? new Unfinished(text.length()) : new Words(begin + 1);
        }
        Optional<List<ToolCall>> calls = JsonScan.calls(text.substring(begin, end));
        if (calls.isEmpty()) {
            return tagged || namesOurs(text.substring(0, end), begin) ? new Malformed(end) : new Words(end);
        }
        boolean ours =
                tools.isEmpty() || calls.get().stream().map(ToolCall::name).allMatch(tools.names()::contains);
        if (!tagged && !ours) {
            return new Words(end);
        }
        int after = afterSeparators(text, end, fenced);
        int rest = JsonScan.skipSpace(text, after);
        boolean open = rest == text.length() || fenced && JsonScan.couldBegin(text, rest, FENCE);
        return open ? new Closing(calls.get()) : new Calls(calls.get(), after);
    }

    /** Whether JSON that cannot be read names one of the tools, or may still do so. */
    private boolean namesOurs(String text, int begin) {
        Matcher name = NAME.matcher(text);
        return !name.find(begin) || tools.isEmpty() || tools.names().contains(name.group(1));
    }

    private static int afterSeparators(String text, int end, boolean fenced) {
        int at = end;
        int next = JsonScan.skipSpace(text, at);
        if (fenced && text.startsWith(FENCE, next)) {
            at = next + FENCE.length();
            next = JsonScan.skipSpace(text, at);
        }
        return next < text.length() && text.charAt(next) == ';' ? next + 1 : at;
    }

    private static Outcome function(String text, int begin) {
        int malformedEnd = JsonScan.malformedEnd(text, begin, FUNCTION, FUNCTION_END);
        int nameEnd = text.indexOf('>', begin);
        int json = JsonScan.skipSpace(text, nameEnd + 1);
        if (nameEnd < 0 || json == text.length()) {
            return new Unfinished(malformedEnd);
        }
        int end = text.charAt(json) == '{' ? JsonScan.end(text, json) : json;
        if (end == JsonScan.UNFINISHED) {
            return new Unfinished(malformedEnd);
        }
        String name = text.substring(begin + FUNCTION.length(), nameEnd).strip();
        String arguments = text.substring(json, end);
        if (name.isEmpty() || !JsonScan.isObject(arguments)) {
            return new Malformed(malformedEnd);
        }
        List<ToolCall> calls = List.of(new ToolCall("", name, arguments));
        int close = JsonScan.skipSpace(text, end);
        if (text.startsWith(FUNCTION_END, close)) {
            return new Calls(calls, close + FUNCTION_END.length());
        }
        return JsonScan.couldBegin(text, close, FUNCTION_END) ? new Closing(calls) : new Malformed(malformedEnd);
    }

    /** What follows the tag to the end of the answer: a call of a built-in tool, or a program. */
    private Outcome python(String text, int begin) {
        String rest = text.substring(begin).strip();
        Matcher call = PYTHON.matcher(rest);
        if (call.lookingAt() && rest.endsWith(")")) {
            return PythonArguments.parse(rest.substring(call.end(), rest.length() - 1))
                    .<Outcome>map(arguments -> closing(call.group(1), PythonJson.readable(arguments)))
                    .orElse(new Unfinished(text.length()));
        }
        return INTERPRETERS.stream()
                .filter(tools.names()::contains)
                .findFirst()
                .<Outcome>map(tool -> closing(tool, PythonJson.readable(Map.of("code", rest))))
                .orElse(new Unfinished(text.length()));
    }

    private static Outcome closing(String name, String arguments) {
        return new Closing(List.of(new ToolCall("", name, arguments)));
    }
}
