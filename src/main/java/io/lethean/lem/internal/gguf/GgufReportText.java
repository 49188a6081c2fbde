package io.lethean.lem.internal.gguf;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A file's header as lines of text. */
final class GgufReportText {

    private static final int MAX_TEXT = 60;
    private static final int ELEMENTS_SHOWN = 6;

    private GgufReportText() {}

    static void append(StringBuilder text, GgufFile file) {
        file.paths()
                .forEach(path -> text.append("file      ")
                        .append(printable(path.toString()))
                        .append('\n'));
        text.append(String.format(
                Locale.ROOT,
                "format    GGUF %d, %s in %d metadata values and %d tensors, alignment %d, data from byte %d\n",
                file.version(),
                size(file.fileSize()),
                file.metadata().asMap().size(),
                file.tensors().size(),
                file.alignment(),
                file.dataOffset()));
        text.append("weights   ").append(file.parameterCount()).append(" in ").append(size(file.tensorBytes()));
        types(file)
                .forEach((type, count) ->
                        text.append(", ").append(count).append(" x ").append(type.ggmlName()));
        text.append("\n\nmetadata\n");
        appendColumns(text, metadata(file));
        text.append("\ntensors\n");
        appendColumns(text, tensors(file));
    }

    private static Map<GgmlType, Integer> types(GgufFile file) {
        Map<GgmlType, Integer> types = new EnumMap<>(GgmlType.class);
        file.tensors().forEach(tensor -> types.merge(tensor.type(), 1, Integer::sum));
        return types;
    }

    private static List<List<String>> metadata(GgufFile file) {
        return file.metadata().asMap().entrySet().stream()
                .map(entry -> List.of(printable(entry.getKey()), type(entry.getValue()), shown(entry.getValue())))
                .toList();
    }

    private static List<List<String>> tensors(GgufFile file) {
        return file.tensors().stream()
                .map(tensor -> List.of(
                        printable(tensor.name()),
                        tensor.shape(),
                        tensor.type().ggmlName(),
                        size(tensor.bytes()),
                        "at " + Long.toUnsignedString(tensor.offset())))
                .toList();
    }

    private static String type(GgufValue value) {
        return value instanceof GgufArray array
                ? array.toString()
                : value.type().shortName();
    }

    private static String shown(GgufValue value) {
        return switch (value) {
            case GgufScalar scalar -> scalar.toString();
            case GgufText text -> abbreviated(text.toString());
            case GgufArray array -> elements(array);
        };
    }

    private static String elements(GgufArray array) {
        Stream<String> first =
                IntStream.range(0, Math.min(array.size(), ELEMENTS_SHOWN)).mapToObj(index -> shown(array.get(index)));
        return first.collect(Collectors.joining(", ")) + (array.size() > ELEMENTS_SHOWN ? ", ..." : "");
    }

    private static String abbreviated(String text) {
        if (text.length() <= MAX_TEXT) {
            return printable(text);
        }
        return printable(text.substring(0, MAX_TEXT)) + "... (" + text.length() + " characters)";
    }

    /** The text with what could move a cursor or change a terminal's colours written as an escape. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().forEach(point -> {
            switch (Character.getType(point)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> printable.append(escape(point));
                default -> printable.appendCodePoint(point);
            }
        });
        return printable.toString();
    }

    private static String escape(int point) {
        return switch (point) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format(Locale.ROOT, "\\u%04X", point);
        };
    }

    private static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double size = bytes;
        String unit = "";
        for (String next : List.of("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")) {
            if (size < 1024) {
                break;
            }
            size /= 1024;
            unit = next;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, unit);
    }

    /** Rows with aligned cells; the last cell of a row is not padded. */
    private static void appendColumns(StringBuilder text, List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = IntStream.range(0, columns)
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        for (List<String> row : rows) {
            text.append(' ');
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                int padding = column == columns - 1 ? 0 : widths[column] - cell.length();
                text.append(' ').append(cell).append(" ".repeat(padding));
            }
            text.append('\n');
        }
    }
}
