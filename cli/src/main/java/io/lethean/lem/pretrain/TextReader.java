package io.lethean.lem.pretrain;

import io.lethean.lem.Message;
import io.lethean.lem.train.dataset.TrainingData;
import io.lethean.lem.train.dataset.TrainingExample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads documents: of {@code .txt} files, with documents separated by a line {@code ***} and paragraphs by
 * blank lines, and of {@code .jsonl} files as they are trained on.
 *
 * <p>In a text, {@code Question:} and the {@code Answer:} after it are a conversation. A small model loses itself in a
 * long answer, so in conversations it learns the first paragraph of each, and the others as prose.
 */
final class TextReader {

    private static final String SEPARATOR = "(?m)^\\*\\*\\*$";
    private static final String BLANK_LINE = "\n\\s*\n";
    private static final Pattern QUESTION_AND_ANSWER = Pattern.compile("(?s)Question: (.*?)\n+Answer: (.*)");

    private final int sampleBytes;

    /** @param sampleBytes paragraphs are put together to samples of about this size at most */
    TextReader(int sampleBytes) {
        this.sampleBytes = sampleBytes;
    }

    /**
     * All documents of files and of the files in folders, these in the order of their names.
     *
     * @throws io.lethean.lem.MalformedDataException naming the line of a malformed example in a {@code .jsonl} file
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
            return files.filter(file -> file.toString().matches(".*\\.(txt|jsonl)"))
                    .sorted()
                    .toList();
        }
    }

    private List<Document> examples(Path file) throws IOException {
        return TrainingData.readFile(file).stream()
                .map(example -> switch (example) {
                    case TrainingExample.Conversation talk -> conversation(talk.messages(), talk.unlearned());
                    case TrainingExample.PlainText text -> List.of(Document.Sample.ofText(text.text()));
                })
                .map(Document::new)
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
        List<Document.Sample> samples = new ArrayList<>();
        for (String part : piece.split("(?m)^(?=Question: )")) {
            Matcher pair = QUESTION_AND_ANSWER.matcher(part);
            samples.addAll(
                    pair.matches()
                            ? conversation(
                                    List.of(
                                            Message.user(pair.group(1)),
                                            Message.assistant(pair.group(2).strip())),
                                    Set.of())
                            : texts(part.strip()));
        }
        return samples;
    }

    /** Each answer that is learned ends with its first paragraph; what follows there is read as prose. */
    private List<Document.Sample> conversation(List<Message> messages, Set<Integer> unlearned) {
        List<Message> turns = new ArrayList<>();
        List<Document.Sample> rest = new ArrayList<>();
        for (Message message : messages) {
            String[] parts = message.content().split(BLANK_LINE, 2);
            boolean learned = message.role().equals("assistant") && !unlearned.contains(turns.size());
            boolean cut = learned && parts.length == 2;
            turns.add(cut ? Message.assistant(parts[0]) : message);
            if (cut) {
                rest.addAll(texts(parts[1].strip()));
            }
        }
        rest.addFirst(new Document.Sample(turns, false, unlearned));
        return rest;
    }

    /** Whole paragraphs together, as many as fit. */
    private List<Document.Sample> texts(String piece) {
        List<Document.Sample> samples = new ArrayList<>();
        StringBuilder sample = new StringBuilder();
        for (String paragraph : piece.split(BLANK_LINE)) {
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
