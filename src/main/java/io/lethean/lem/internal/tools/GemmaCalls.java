package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.PythonJson;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code call:f} and arguments in Gemma's own notation, between the marks of Gemma 4 or of FunctionGemma. */
final class GemmaCalls implements CallReader {

    /**
     * The marks of one generation of models.
     *
     * @param quote begins and ends a string
     */
    record Marks(String open, String close, String quote) {
        static final Marks GEMMA_4 = new Marks("<|tool_call>", "<tool_call|>", "<|\"|>");
        static final Marks FUNCTION_GEMMA = new Marks("<start_function_call>", "<end_function_call>", "<escape>");
    }

    private static final Pattern START = Pattern.compile(
            "(?:" + Pattern.quote(Marks.GEMMA_4.open()) + "|" + Marks.FUNCTION_GEMMA.open() + ")\\s{0,20}call:");
    private static final Pattern NAME = Pattern.compile("\\s{0,20}([^\\s{}:,]{1,200})\\s{0,20}");

    @Override
    public Pattern start() {
        return START;
    }

    @Override
    @SuppressWarnings("JdkObsolete")
    public Outcome read(String text, int at) {
        Marks marks = text.startsWith(Marks.GEMMA_4.open(), at) ? Marks.GEMMA_4 : Marks.FUNCTION_GEMMA;
        Matcher name = NAME.matcher(text).region(text.indexOf("call:", at) + "call:".length(), text.length());
        int malformedEnd = JsonScan.malformedEnd(text, at, marks.open(), marks.close());
        boolean named = name.lookingAt();
        if (name.hitEnd() || named && name.end() == text.length()) {
            return new Unfinished(malformedEnd);
        }
        if (!named || text.charAt(name.end()) != '{') {
            return new Malformed(malformedEnd);
        }
        GemmaText parser = new GemmaText(text, name.end(), marks.quote());
        Map<String, @Nullable Object> arguments = parser.object();
        if (arguments == null) {
            return parser.isUnfinished() ? new Unfinished(malformedEnd) : new Malformed(malformedEnd);
        }
        List<ToolCall> calls = List.of(new ToolCall("", name.group(1), PythonJson.readable(arguments)));
        int close = JsonScan.skipSpace(text, parser.at());
        if (text.startsWith(marks.close(), close)) {
            return new Calls(calls, close + marks.close().length());
        }
        return JsonScan.couldBegin(text, close, marks.close()) ? new Closing(calls) : new Malformed(malformedEnd);
    }
}
