package io.lethean.lem.evaluation.probe;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;

/**
 * Reads one file of questions in any form in which benchmarks come: an object a line, a JSON array of objects, or CSV
 * with a line of names.
 *
 * <p>CSV names are put as the published files have them: {@code Best Answer} is {@code best_answer}. A CSV cell of
 * {@code correct_answers} or {@code incorrect_answers} is a list, separated by semicolons.
 */
final class QuestionFile {

    private final Path file;
    private final Consumer<MalformedDataException> problems;
    private final List<Question> questions = new ArrayList<>();
    private final Map<String, Integer> rows = new LinkedHashMap<>();
    private int row;

    /** What stops a line from being a question. */
    private interface Fault {
        MalformedDataException at(String problem);
    }

    /** @param problems receives each line that is not a question; such lines are left out */
    QuestionFile(Path file, Consumer<MalformedDataException> problems) {
        this.file = file;
        this.problems = problems;
    }

    List<Question> read() throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            readCsv();
        } else if (startsAsArray()) {
            readArray();
        } else {
            readLines();
        }
        return List.copyOf(questions);
    }

    private boolean startsAsArray() throws IOException {
        try (var in = Files.newInputStream(file)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                boolean skipped = Character.isWhitespace(next) || next == 0xEF || next == 0xBB || next == 0xBF;
                if (!skipped) {
                    return next == '[';
                }
            }
        }
        return false;
    }

    private void readLines() throws IOException {
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                row++;
                try {
                    add(line.object(), line::malformed, line.number());
                } catch (MalformedDataException e) {
                    problems.accept(e);
                }
            }
        }
    }

    private void readArray() throws IOException {
        try {
            if (Json.parse(text()) instanceof List<?> items) {
                items.forEach(this::addItem);
            }
        } catch (JacksonException e) {
            throw new MalformedDataException(file, "it is not JSON: " + Json.problem(e) + ".");
        }
    }

    private void addItem(Object item) {
        int index = row++;
        Fault fault = problem -> new MalformedDataException(file, "at index " + index + " (from 0): " + problem);
        if (!(item instanceof Map<?, ?> object)) {
            problems.accept(fault.at("this is not an object."));
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        object.forEach((key, value) -> fields.put(key.toString(), value));
        add(fields, fault, index);
    }

    private void readCsv() throws IOException {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(text())) {
            for (NamedCsvRecord cells : reader) {
                row++;
                int line = Math.toIntExact(cells.getStartingLineNumber());
                add(fields(cells), problem -> new MalformedDataException(file, line, problem, null), line);
            }
        } catch (CsvParseException e) {
            throw new MalformedDataException(file, "it is not CSV with a line of names: " + reason(e) + ".");
        }
    }

    /** The reader wraps what is wrong into where it is. */
    private static String reason(CsvParseException e) {
        String where = e.getMessage() == null ? "it cannot be read" : e.getMessage();
        String what = e.getCause() == null || e.getCause().getMessage() == null
                ? ""
                : ": " + e.getCause().getMessage();
        String all = where + what;
        return asciiDigits(all.endsWith(".") ? all.substring(0, all.length() - 1) : all);
    }

    /** The reader writes numbers in the digits of the default locale. */
    private static String asciiDigits(String text) {
        StringBuilder ascii = new StringBuilder();
        text.codePoints().forEach(c -> ascii.appendCodePoint(Character.isDigit(c) ? '0' + Character.digit(c, 10) : c));
        return ascii.toString();
    }

    private static Map<String, Object> fields(NamedCsvRecord cells) {
        Map<String, Object> fields = new LinkedHashMap<>();
        cells.getFieldsAsMap().forEach((name, cell) -> {
            String key = name.strip().toLowerCase(Locale.ROOT).replace(' ', '_');
            fields.put(key, key.endsWith("correct_answers") ? parted(cell) : cell);
        });
        return fields;
    }

    private static List<String> parted(String cell) {
        return Arrays.stream(cell.split(";"))
                .map(String::strip)
                .filter(answer -> !answer.isEmpty())
                .toList();
    }

    private String text() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            return Utf8.decode(bytes, Utf8.byteOrderMark(bytes), bytes.length);
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(file, "it is not UTF-8 text.");
        }
    }

    private void add(Map<String, Object> fields, Fault fault, int place) {
        fields.values().removeIf(value -> value == null);
        Object id = fields.containsKey("id") ? fields.get("id") : Integer.toString(row);
        Object prompt = fields.getOrDefault("question", fields.getOrDefault("prompt", fields.get("text")));
        Integer first = rows.putIfAbsent(id.toString(), place);
        if (!(prompt instanceof String text) || text.isBlank()) {
            problems.accept(fault.at("a question needs a text as \"question\" or \"prompt\"."));
        } else if (first != null) {
            problems.accept(fault.at(
                    String.format(Locale.ROOT, "the id \"%s\" is also at %d; ids must be unique.", id, first)));
        } else {
            questions.add(new Question(id.toString(), text, fields));
        }
    }
}
