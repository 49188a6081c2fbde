package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.PythonJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code <function=f>} with {@code <parameter=x>}, mostly within {@code <tool_call>}: the form of Qwen3-Coder. */
final class XmlCalls implements CallReader {

    static final String FUNCTION = "<function=";
    static final String FUNCTION_END = "</function>";
    static final String PARAMETER = "<parameter=";
    static final String PARAMETER_END = "</parameter>";

    private static final Pattern START = Pattern.compile(HermesCalls.OPEN + "|" + FUNCTION);

    private final ToolSchemas tools;

    XmlCalls(ToolSchemas tools) {
        this.tools = tools;
    }

    @Override
    public Pattern start() {
        return START;
    }

    /** The place of reading, and whether the text ended within a call. */
    private static final class Cursor {
        private final String text;
        private int at;
        private boolean ended;

        Cursor(String text, int at) {
            this.text = text;
            this.at = at;
        }

        /** Skips whitespace and these words; false if they are not here, or only begin here. */
        boolean skip(String words) {
            int begin = JsonScan.skipSpace(text, at);
            if (text.startsWith(words, begin)) {
                at = begin + words.length();
                return true;
            }
            ended |= JsonScan.couldBegin(text, begin, words);
            return false;
        }

        /** The text before these words, which are skipped; null if they do not follow. */
        @Nullable
        String until(String words) {
            int end = text.indexOf(words, at);
            ended |= end < 0;
            if (end < 0) {
                return null;
            }
            String found = text.substring(at, end);
            at = end + words.length();
            return found;
        }
    }

    @Override
    public Outcome read(String text, int at) {
        Cursor cursor = new Cursor(text, at);
        boolean wrapped = cursor.skip(HermesCalls.OPEN);
        int first = JsonScan.skipSpace(text, cursor.at);
        if (wrapped && first < text.length() && text.charAt(first) == '{') {
            return new HermesCalls().read(text, at);
        }
        List<ToolCall> calls = new ArrayList<>();
        while (cursor.skip(FUNCTION)) {
            ToolCall call = function(cursor);
            if (call == null) {
                return cursor.ended ? new Unfinished(malformedEnd(text, at)) : new Malformed(malformedEnd(text, at));
            }
            calls.add(call);
            if (!wrapped) {
                return new Calls(calls, cursor.at);
            }
        }
        if (!calls.isEmpty() && cursor.skip(HermesCalls.CLOSE)) {
            return new Calls(calls, cursor.at);
        }
        if (cursor.ended) {
            boolean whole = JsonScan.couldBegin(text, JsonScan.skipSpace(text, cursor.at), HermesCalls.CLOSE);
            return !calls.isEmpty() && whole ? new Closing(calls) : new Unfinished(malformedEnd(text, at));
        }
        return new Malformed(malformedEnd(text, at));
    }

    private static int malformedEnd(String text, int at) {
        return text.startsWith(FUNCTION, at)
                ? JsonScan.malformedEnd(text, at, FUNCTION, FUNCTION_END)
                : JsonScan.malformedEnd(text, at, HermesCalls.OPEN, HermesCalls.CLOSE);
    }

    private @Nullable ToolCall function(Cursor cursor) {
        String name = cursor.until(">");
        if (name == null || name.isBlank() || name.indexOf('\n') >= 0) {
            return null;
        }
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        while (cursor.skip(PARAMETER)) {
            String parameter = cursor.until(">");
            String value = parameter == null ? null : cursor.until(PARAMETER_END);
            if (parameter == null || value == null) {
                return null;
            }
            arguments.put(parameter, value(name.strip(), parameter, withoutLineEnds(value)));
        }
        return cursor.skip(FUNCTION_END) ? new ToolCall("", name.strip(), PythonJson.readable(arguments)) : null;
    }

    /** The form puts a value on lines of its own. */
    private static String withoutLineEnds(String value) {
        int begin = value.startsWith("\n") ? 1 : 0;
        int end = value.endsWith("\n") && value.length() > begin ? value.length() - 1 : value.length();
        return value.substring(begin, end);
    }

    private @Nullable Object value(String tool, String parameter, String text) {
        if (tools.isString(tool, parameter)) {
            return text;
        }
        Object value = JsonScan.value(text.strip());
        return value == JsonScan.MALFORMED ? text : value;
    }
}
