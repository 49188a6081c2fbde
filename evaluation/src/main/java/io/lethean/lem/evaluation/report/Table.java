package io.lethean.lem.evaluation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Rows of texts under headings, in the forms that people paste.
 *
 * @param headings one per column
 * @param rows each as long as the headings
 */
public record Table(List<String> headings, List<List<String>> rows) {

    /**
     * {@return a number as tables print it: two decimals, or a dash if there is no number}
     *
     * @param value the number; empty if there is no number
     */
    public static String number(OptionalDouble value) {
        return Numbers.two(value);
    }

    private static final Pattern NUMBER = Pattern.compile("[-+<0-9.,/=\\[\\] \u2013]*");

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Table {
        headings = List.copyOf(headings);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != headings.size()) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "A row has %d cells under %d headings.", row.size(), headings.size()));
            }
        }
    }

    /** {@return this table with rows and columns exchanged} */
    public Table transposed() {
        List<List<String>> turned = new ArrayList<>();
        for (int column = 1; column < headings.size(); column++) {
            int from = column;
            turned.add(
                    Stream.concat(Stream.of(headings.get(from)), rows.stream().map(row -> row.get(from)))
                            .toList());
        }
        List<String> names = Stream.concat(
                        Stream.of(headings.getFirst()), rows.stream().map(List::getFirst))
                .toList();
        return new Table(names, turned);
    }

    /** {@return columns of equal width; numbers stand flush right, all else flush left} */
    public String toText() {
        int[] widths = IntStream.range(0, headings.size())
                .map(column -> Math.max(
                        width(headings.get(column)),
                        rows.stream()
                                .mapToInt(row -> width(row.get(column)))
                                .max()
                                .orElse(0)))
                .toArray();
        StringBuilder text = new StringBuilder();
        appendText(text, headings, widths);
        rows.forEach(row -> appendText(text, row, widths));
        return text.toString();
    }

    private boolean isOfNumbers(int column) {
        return column > 0
                && rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
    }

    private void appendText(StringBuilder text, List<String> row, int[] widths) {
        int begin = text.length();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            int padding = widths[column] - width(cell);
            boolean flushRight = isOfNumbers(column);
            text.repeat(' ', (column == 0 ? 0 : 2) + (flushRight ? padding : 0))
                    .append(cell)
                    .repeat(' ', flushRight ? 0 : padding);
        }
        int end = text.length();
        while (end > begin && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** {@return a Markdown table} */
    public String toMarkdown() {
        StringBuilder text = new StringBuilder();
        appendMarkdown(text, headings);
        appendMarkdown(
                text,
                IntStream.range(0, headings.size())
                        .mapToObj(i -> i == 0 ? ":--" : "--:")
                        .toList());
        rows.forEach(row -> appendMarkdown(text, row));
        return text.toString();
    }

    private static void appendMarkdown(StringBuilder text, List<String> row) {
        text.append(row.stream()
                        .map(cell ->
                                cell.replace("\\", "\\\\").replace("|", "\\|").replaceAll("\\R", " "))
                        .collect(Collectors.joining(" | ", "| ", " |")))
                .append('\n');
    }

    /** {@return comma-separated values as RFC 4180 has them} */
    public String toCsv() {
        StringBuilder text = new StringBuilder();
        appendCsv(text, headings);
        rows.forEach(row -> appendCsv(text, row));
        return text.toString();
    }

    private static void appendCsv(StringBuilder text, List<String> row) {
        text.append(row.stream().map(Table::csv).collect(Collectors.joining(",")))
                .append("\r\n");
    }

    private static String csv(String cell) {
        boolean quote = cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quote ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }
}
