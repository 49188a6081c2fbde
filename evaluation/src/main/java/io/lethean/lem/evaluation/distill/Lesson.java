package io.lethean.lem.evaluation.distill;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Paraphrases;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Shuffle;
import io.lethean.lem.train.dataset.TrainingExample;
import io.lethean.lem.train.dataset.TrainingExample.Conversation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A lesson: training examples, split into a training, a validation and a test set.
 *
 * <p>Examples of one probe and of its paraphrases stay in the same set, because a model that has learned one answer to
 * a question is not tested by another.
 *
 * @param train examples to train on
 * @param valid examples for the validation loss during training
 * @param test examples for a test after training
 * @param problems one sentence for each line that could not be read
 */
public record Lesson(List<Example> train, List<Example> valid, List<Example> test, List<String> problems) {

    /** Copies the lists, so that later changes of them do not count. */
    public Lesson {
        train = List.copyOf(train);
        valid = List.copyOf(valid);
        test = List.copyOf(test);
        problems = List.copyOf(problems);
    }

    /** Which examples of a probe are taken. */
    public enum Dedup {
        /** The one with the highest score; the first of equals. */
        BEST,
        /** All. */
        ALL,
        /** The first. */
        FIRST
    }

    /**
     * One example.
     *
     * @param probe the id of the probe that it answers, or the user's first words if the file has no id
     * @param score of the answer; NaN if the file has no score
     * @param messages its turns
     */
    public record Example(String probe, double score, List<Message> messages) {

        /** Copies the list, so that later changes of it do not count. */
        public Example {
            messages = List.copyOf(messages);
        }

        /**
         * Adds a kernel before and a signature after the text of the user's first turn.
         *
         * @param kernel the kernel; its text comes first
         * @param signature the closing text; empty for no signature
         * @return the changed example
         */
        public Example sandwich(Kernel kernel, Optional<String> signature) {
            List<Message> turns = new ArrayList<>(messages);
            for (int i = 0; i < turns.size(); i++) {
                if (turns.get(i).role().equals("user")) {
                    Stream<String> parts = Stream.concat(
                            Stream.of(kernel.text().strip(), turns.get(i).content()), signature.stream());
                    turns.set(i, Message.user(String.join("\n\n", parts.toList())));
                    break;
                }
            }
            return new Example(probe, score, turns);
        }

        /** {@return the example as a line of a training file} */
        public String line() {
            List<Map<String, Object>> turns = new ArrayList<>();
            for (Message message : messages) {
                Map<String, Object> turn = new LinkedHashMap<>();
                turn.put("role", message.role());
                turn.put("content", message.content());
                turns.add(turn);
            }
            return PythonJson.write(Map.of("messages", turns)) + "\n";
        }
    }

    /**
     * Reads and parts the examples of some files, which are what {@code lem distill} writes, or training files.
     *
     * @param inputs the files
     * @param options which examples are taken, and how they are split
     * @return the lesson
     * @throws IOException if a file cannot be read, or has a line that is not a conversation
     */
    public static Lesson of(List<Path> inputs, LessonOptions options) throws IOException {
        List<String> problems = new ArrayList<>();
        Map<String, List<Example>> byProbe = new LinkedHashMap<>();
        for (Path input : inputs) {
            for (Example example : read(input, problems)) {
                if (!(example.score() < options.leastScore())) {
                    byProbe.computeIfAbsent(example.probe(), probe -> new ArrayList<>())
                            .add(example);
                }
            }
        }
        if (byProbe.isEmpty()) {
            throw new IllegalArgumentException(
                    problems.isEmpty()
                            ? String.format(Locale.ROOT, "There are no examples in %s that fit the options.", inputs)
                            : "No example can be read; the first problem: " + problems.getFirst());
        }
        return parted(byProbe, options, problems);
    }

    /**
     * {@return all examples of a file, in its order}
     *
     * @param input the file
     * @throws IOException if it cannot be read, or has a line that is not a conversation
     */
    public static List<Example> examples(Path input) throws IOException {
        List<String> problems = new ArrayList<>();
        List<Example> examples = read(input, problems);
        if (!problems.isEmpty()) {
            throw new IOException(problems.getFirst());
        }
        return examples;
    }

    private static List<Example> read(Path input, List<String> problems) throws IOException {
        List<Example> examples = new ArrayList<>();
        try (JsonLineReader reader = new JsonLineReader(input)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                try {
                    example(input, line).ifPresent(examples::add);
                } catch (MalformedDataException e) {
                    problems.add(e.getMessage());
                }
            }
        }
        return examples;
    }

    private static Optional<Example> example(Path input, JsonLine line) throws MalformedDataException {
        Map<String, Object> fields = line.object();
        if ("summary".equals(fields.get("type"))) {
            return Optional.empty();
        }
        Map<?, ?> training = fields.get("training") instanceof Map<?, ?> inner ? inner : fields;
        if (!(TrainingExample.of(input, line.number(), training) instanceof Conversation conversation)) {
            throw line.malformed("a lesson is made of conversations, and this is text without turns.");
        }
        if (!conversation.unlearned().isEmpty()) {
            throw line.malformed("every answer of a lesson is learned, and this conversation has one with weight 0.");
        }
        Map<?, ?> meta = fields.get("meta") instanceof Map<?, ?> inner ? inner : Map.of();
        String probe = meta.get("probe_id") instanceof String id && !id.isEmpty() ? id : asked(conversation);
        double score = meta.get("lek_score") instanceof Double value ? value : Double.NaN;
        return Optional.of(new Example(probe, score, conversation.messages()));
    }

    private static String asked(Conversation conversation) {
        return conversation.messages().stream()
                .filter(message -> message.role().equals("user"))
                .map(Message::content)
                .findFirst()
                .orElse("");
    }

    private static Lesson parted(Map<String, List<Example>> byProbe, LessonOptions options, List<String> problems) {
        List<String> probes = byProbe.keySet().stream().sorted().toList();
        List<String> sources = new ArrayList<>(
                new LinkedHashSet<>(probes.stream().map(Paraphrases::source).toList()));
        new Shuffle(options.seed(), 0).apply(sources);
        int valid = options.share(sources.size(), options.validPercent());
        int test = options.share(sources.size() - valid, options.testPercent());
        Set<String> forValid = Set.copyOf(sources.subList(0, valid));
        Set<String> forTest = Set.copyOf(sources.subList(valid, valid + test));
        List<Example> trains = new ArrayList<>();
        List<Example> valids = new ArrayList<>();
        List<Example> tests = new ArrayList<>();
        for (String probe : probes) {
            String source = Paraphrases.source(probe);
            List<Example> part = forValid.contains(source) ? valids : forTest.contains(source) ? tests : trains;
            chosen(byProbe.getOrDefault(probe, List.of()), options.dedup()).stream()
                    .map(options::shaped)
                    .forEach(part::add);
        }
        return new Lesson(trains, valids, tests, problems);
    }

    private static List<Example> chosen(List<Example> examples, Dedup dedup) {
        return switch (dedup) {
            case ALL -> examples;
            case FIRST -> List.of(examples.getFirst());
            case BEST ->
                List.of(examples.stream()
                        .min(Comparator.comparingDouble((Example example) ->
                                Double.isNaN(example.score()) ? Double.POSITIVE_INFINITY : -example.score()))
                        .orElseThrow());
        };
    }
}
