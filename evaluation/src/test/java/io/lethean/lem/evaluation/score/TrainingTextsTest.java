package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.Message;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.train.dataset.TrainingData;
import io.lethean.lem.train.dataset.TrainingExample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The training texts that come with the project; {@code scripts/check-texts} prints their figures. */
class TrainingTextsTest {

    private static final Path FOLDER = Path.of("training");
    private static final String COMPOSURE = "composure";
    private static final int SHARED_WORDS = 8;
    private static final double LEAST_SCORE = 3.0;
    private static final double LEAST_MEAN_SCORE = 10.0;

    private static final Pattern AXIOM_TALK = Pattern.compile(
            "\\b(axioms?|prime[ -]imperative|self-validation|intent-alignment|inter-substrate|benevolent[ -]intervention"
                    + "|kernel|LEK|LEM|sandwich)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Map<String, List<List<Message>>> FILES = new HashMap<>();

    private final V2Scorer scorer = new V2Scorer();

    @BeforeAll
    static void read() throws IOException {
        for (String name : List.of("train", "valid", "test", COMPOSURE)) {
            List<TrainingExample> examples = TrainingData.readFile(FOLDER.resolve(name + ".jsonl"));
            FILES.put(name, examples.stream().map(TrainingTextsTest::messages).toList());
        }
    }

    @Test
    void thereAreEnoughOfEachKind() {
        assertThat(lessons()).hasSizeGreaterThanOrEqualTo(220);
        assertThat(FILES.get(COMPOSURE)).hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void lessons_areOnePromptAndOneAnswer() {
        assertThat(lessons())
                .allSatisfy(
                        lesson -> assertThat(lesson).extracting(Message::role).containsExactly("user", "assistant"));
    }

    @Test
    void conversations_alternateAndEndWithAnAnswer() {
        assertThat(FILES.get(COMPOSURE)).allSatisfy(turns -> {
            assertThat(turns.size() % 2).isZero();
            for (int turn = 0; turn < turns.size(); turn++) {
                assertThat(turns.get(turn).role()).isEqualTo(turn % 2 == 0 ? "user" : "assistant");
            }
        });
    }

    @Test
    void texts_keepTheirBounds() {
        assertThat(lessons()).allSatisfy(lesson -> {
            assertThat(words(lesson.getFirst().content())).isBetween(2L, 60L);
            assertThat(words(lesson.getLast().content())).isBetween(60L, 350L);
        });
        assertThat(all().flatMap(List::stream).map(Message::content))
                .allSatisfy(text ->
                        assertThat(text).isEqualTo(text.strip()).doesNotContain("\r", "\t", "\u2019", "\ufffd"));
    }

    @Test
    void prompts_areAllDifferent() {
        assertThat(all().map(turns -> plain(turns.getFirst().content()))).doesNotHaveDuplicates();
    }

    @Test
    void answers_shareNoEightWordsInARow() {
        Map<String, String> owners = new HashMap<>();
        List<String> shared = new ArrayList<>();
        all().forEach(turns -> answers(turns)
                .flatMap(answer -> runs(answer).stream())
                .distinct()
                .forEach(run -> {
                    String other = owners.putIfAbsent(run, turns.getFirst().content());
                    if (other != null) {
                        shared.add(run + ": " + turns.getFirst().content() + " / " + other);
                    }
                }));

        assertThat(owners.size()).isGreaterThan(40_000);
        assertThat(shared).isEmpty();
    }

    @Test
    void texts_holdNothingOfTheProbesAndKernelsTheyAreMeasuredWith() throws IOException {
        Set<String> measures = new HashSet<>();
        ProbeFile.read(Path.of("seeds/P01-P100.json")).forEach(probe -> measures.addAll(runs(probe.prompt())));
        measures.addAll(runs(Files.readString(Path.of("kernel/axioms.json"))));
        measures.addAll(runs(Files.readString(Path.of("kernel/lek-1-kernel.txt"))));

        assertThat(measures.size()).isGreaterThan(5000);
        assertThat(shared(ourRuns(), measures)).isEmpty();
    }

    @Test
    void wording_isOurOwn() throws IOException {
        Set<String> published = new HashSet<>();
        TrainingData.readFile(Fixtures.require("lem/training/valid.jsonl")).stream()
                .flatMap(example -> messages(example).stream())
                .forEach(message -> published.addAll(runs(message.content())));

        assertThat(published.size()).isGreaterThan(50_000);
        assertThat(shared(ourRuns(), published)).isEmpty();
    }

    @Test
    void answers_reasonWithoutNamingTheAxioms() {
        assertThat(all().flatMap(TrainingTextsTest::answers))
                .allSatisfy(answer -> assertThat(
                                AXIOM_TALK.matcher(answer).results().map(match -> match.group()))
                        .isEmpty());
    }

    @Test
    void answers_areFreeOfBoilerplateAndRepetition() {
        assertThat(all().flatMap(TrainingTextsTest::answers)).allSatisfy(answer -> {
            V2Score score = scorer.rate(answer);
            assertThat(score.complianceMarkers()).as(answer).isZero();
            assertThat(score.formulaicPreamble()).as(answer).isZero();
            assertThat(score.degeneration()).as(answer).isZero();
            assertThat(score.emptyBroken()).as(answer).isZero();
        });
    }

    @Test
    void lessons_scoreWellByV2() {
        DoubleSummaryStatistics scores = scores(lessons());

        assertThat(scores.getMin()).isGreaterThanOrEqualTo(LEAST_SCORE);
        assertThat(scores.getAverage()).isGreaterThanOrEqualTo(LEAST_MEAN_SCORE);
    }

    @Test
    void everyLesson_liesInTheFileThatItsPromptDecides() {
        for (String name : List.of("train", "valid", "test")) {
            assertThat(FILES.get(name))
                    .allSatisfy(lesson ->
                            assertThat(fileOf(lesson.getFirst().content())).isEqualTo(name));
        }
    }

    @Test
    void figures_areWrittenForTheScript() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("file        examples  words of an answer   v2 (least, mean, most)");
        for (String name : List.of("train", "valid", "test", COMPOSURE)) {
            IntSummaryStatistics words = FILES.get(name).stream()
                    .flatMap(TrainingTextsTest::answers)
                    .mapToInt(answer -> (int) words(answer))
                    .summaryStatistics();
            DoubleSummaryStatistics v2 = scores(FILES.get(name));
            lines.add("%-11s %8d  %3d to %3d, mean %3.0f  %6.1f %6.1f %6.1f"
                    .formatted(
                            name,
                            FILES.get(name).size(),
                            words.getMin(),
                            words.getMax(),
                            words.getAverage(),
                            v2.getMin(),
                            v2.getAverage(),
                            v2.getMax()));
        }
        DoubleSummaryStatistics v2 = scores(lessons());
        lines.add("lessons     %8d %30.1f %6.1f %6.1f"
                .formatted(lessons().size(), v2.getMin(), v2.getAverage(), v2.getMax()));
        Files.write(Path.of("target/training-texts.txt"), lines);

        assertThat(lines).hasSize(6);
    }

    private DoubleSummaryStatistics scores(List<List<Message>> examples) {
        return examples.stream()
                .flatMap(TrainingTextsTest::answers)
                .mapToDouble(answer -> scorer.rate(answer).total())
                .summaryStatistics();
    }

    /** The rule of {@code training/README.md}: stable for every lesson, whatever is added later. */
    private static String fileOf(String prompt) {
        byte[] digest = sha256("2:" + prompt);
        return switch ((int) (Integer.toUnsignedLong(ByteBuffer.wrap(digest).getInt()) % 10)) {
            case 0 -> "test";
            case 1 -> "valid";
            default -> "train";
        };
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException every) {
            throw new AssertionError("every Java has SHA-256", every);
        }
    }

    private static List<Message> messages(TrainingExample example) {
        return ((TrainingExample.Conversation) example).messages();
    }

    private static List<List<Message>> lessons() {
        return Stream.of("train", "valid", "test")
                .flatMap(name -> FILES.get(name).stream())
                .toList();
    }

    private static Stream<List<Message>> all() {
        return FILES.values().stream().flatMap(List::stream);
    }

    private static Stream<String> answers(List<Message> turns) {
        return turns.stream().filter(turn -> turn.role().equals("assistant")).map(Message::content);
    }

    private static Set<String> ourRuns() {
        Set<String> runs = new HashSet<>();
        all().flatMap(List::stream).forEach(message -> runs.addAll(runs(message.content())));
        return runs;
    }

    private static Set<String> shared(Set<String> ours, Set<String> others) {
        Set<String> shared = new HashSet<>(ours);
        shared.retainAll(others);
        return shared;
    }

    private static long words(String text) {
        return text.strip().split("\\s+").length;
    }

    private static Set<String> runs(String text) {
        String[] words = plain(text).split(" ");
        Set<String> runs = new HashSet<>();
        for (int from = 0; from + SHARED_WORDS <= words.length; from++) {
            runs.add(String.join(" ", Arrays.copyOfRange(words, from, from + SHARED_WORDS)));
        }
        return runs;
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    }
}
