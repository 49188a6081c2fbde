package io.lethean.lem.pretrain;

import io.lethean.lem.Message;
import io.lethean.lem.data.TrainingData;
import io.lethean.lem.data.TrainingExample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads documents: of {@code .txt} files, whose documents are separated by a line {@code ***} and whose paragraphs by
 * blank lines, and of {@code .jsonl} files as they are trained on.
 *
 * <p>A document whose lines all begin with {@code Question:} and {@code Answer:} in turn is a conversation.
 */
final class TextReader {

    private static final String SEPARATOR = "(?m)^\\*\\*\\*$";
    private static final String QUESTION = "Question: ";
    private static final String ANSWER = "Answer: ";

    private final int sampleBytes;

    /** @param sampleBytes paragraphs are put together to samples of about this size at most */
    TextReader(int sampleBytes) {
        this.sampleBytes = sampleBytes;
    }

    /**
     * All documents of files and of the files in folders, these in the order of their names.
     *
     * @throws io.lethean.lem.data.MalformedDataException naming the line of a {@code .jsonl} file that is no example
     * @throws IOException if a file cannot be read
     */
    List<Document> read(List<Path> paths) throws IOException {
        List<Document> documents = new ArrayList<>();
        for (Path path : paths) {
            for (Path file : files(path)) {
                documents.addAll(file.toString().endsWith(".jsonl") ? examples(file) : pieces(file));
            }
        }
        return documents;
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.toString().matches(".*\\.(txt|jsonl)")).sorted().toList();
        }
    }

    private static List<Document> examples(Path file) throws IOException {
        return TrainingData.readFile(file).stream()
                .map(example -> switch (example) {
                    case TrainingExample.Conversation talk -> new Document.Sample(talk.messages(), false);
                    case TrainingExample.PlainText text -> Document.Sample.ofText(text.text());
                })
                .map(sample -> new Document(List.of(sample)))
                .toList();
    }

    private List<Document> pieces(Path file) throws IOException {
        List<Document> documents = new ArrayList<>();
        for (String piece : Files.readString(file).split(SEPARATOR)) {
            if (!piece.isBlank()) {
                documents.add(new Document(samples(piece.strip())));
            }
        }
        return documents;
    }

    private List<Document.Sample> samples(String piece) {
        List<String> lines = piece.lines().filter(line -> !line.isBlank()).toList();
        if (lines.stream().allMatch(line -> line.startsWith(QUESTION) || line.startsWith(ANSWER))) {
            return lines.size() % 2 == 0 ? List.of(conversation(lines)) : List.of(Document.Sample.ofText(piece));
        }
        return texts(piece);
    }

    private static Document.Sample conversation(List<String> lines) {
        return new Document.Sample(
                lines.stream()
                        .map(line -> line.startsWith(QUESTION)
                                ? Message.user(line.substring(QUESTION.length()))
                                : Message.assistant(line.substring(ANSWER.length())))
                        .toList(),
                false);
    }

    /** Whole paragraphs together, as many as fit. */
    private List<Document.Sample> texts(String piece) {
        List<Document.Sample> samples = new ArrayList<>();
        StringBuilder sample = new StringBuilder();
        for (String paragraph : piece.split("\n\\s*\n")) {
            if (!sample.isEmpty() && bytes(sample) + bytes(paragraph) > sampleBytes) {
                samples.add(Document.Sample.ofText(sample.toString()));
                sample.setLength(0);
            }
            sample.append(sample.isEmpty() ? "" : "\n\n").append(paragraph);
        }
        samples.add(Document.Sample.ofText(sample.toString()));
        return samples;
    }

    private static int bytes(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
