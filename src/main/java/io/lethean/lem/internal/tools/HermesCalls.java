package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code <tool_call>} and JSON; the closing tag may be missing at the end of an answer. */
final class HermesCalls implements CallReader {

    static final String OPEN = "<tool_call>";
    static final String CLOSE = "</tool_call>";

    private static final Pattern START = Pattern.compile(OPEN);

    @Override
    public Pattern start() {
        return START;
    }

    @Override
    public Outcome read(String text, int at) {
        int malformedEnd = JsonScan.malformedEnd(text, at, OPEN, CLOSE);
        int begin = JsonScan.skipSpace(text, at + OPEN.length());
        if (begin == text.length()) {
            return new Unfinished(malformedEnd);
        }
        if ("{[".indexOf(text.charAt(begin)) < 0) {
            return new Malformed(malformedEnd);
        }
        int end = JsonScan.end(text, begin);
        if (end == JsonScan.UNFINISHED) {
            return new Unfinished(malformedEnd);
        }
        Optional<List<ToolCall>> calls = JsonScan.calls(text.substring(begin, end));
        int rest = JsonScan.skipSpace(text, end);
        if (calls.isPresent() && text.startsWith(CLOSE, rest)) {
            return new Calls(calls.get(), rest + CLOSE.length());
        }
        boolean closing = calls.isPresent() && JsonScan.couldBegin(text, rest, CLOSE);
        return closing ? new Closing(calls.get()) : new Malformed(malformedEnd);
    }
}
