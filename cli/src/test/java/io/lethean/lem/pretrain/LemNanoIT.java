package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.pretrain.Document.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models/README.md promises of the committed model. */
class LemNanoIT {

    static final Path MODEL = Path.of("models/lem-nano.gguf");

    /** The seed and the texts of the command in models/README.md. */
    private static final long SEED = 0;

    private static final List<Path> TEXTS =
            List.of(Path.of("models/text"), Path.of("training/train.jsonl"), Path.of("training/composure.jsonl"));

    @TempDir
    Path folder;

    private static LemModel open(int context) throws IOException {
        return LemModel.load(
                MODEL,
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(context)
                        .build());
    }

    @Test
    void fileIsSmall_andTakesALongContext() throws IOException {
        GgufFile file = GgufFile.read(MODEL);

        assertThat(Files.size(MODEL)).isLessThanOrEqualTo(6_000_000);
        assertThat(file.metadata().integer("gemma3.context_length").orElseThrow())
                .isGreaterThanOrEqualTo(4096);
        assertThat(file.metadata().text("tokenizer.chat_template")).isPresent();
        assertThat(file.tensors())
                .filteredOn(tensor -> tensor.dims().size() == 2)
                .extracting(tensor -> tensor.type().ggmlName())
                .containsOnly("q8_0");
        assertThat(file.tensors().stream().mapToLong(GgufTensor::elements).sum())
                .isLessThan(5_000_000);
    }

    @Test
    void anyTextRoundTrips() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        try (LemModel model = open(256)) {
            for (int i = 0; i < 200; i++) {
                String text = random.ints(20, 0, Character.MAX_CODE_POINT + 1)
                        .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                        .map(point -> random.nextInt(3) == 0 ? point : point % 128)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                assertThat(model.detokenize(model.tokenize(text))).isEqualTo(text);
            }
        }
    }

    /** Documents are held out by their content, so that later ones cannot have been learned from. */
    @Test
    void heldOutTextTakesAQuarterFewerBitsThanAByteBigramNeeds() throws IOException {
        List<Document> documents =
                new TextReader(1200).read(TEXTS).stream().distinct().toList();
        List<byte[]> train = contents(documents, Part.TRAIN);
        List<byte[]> test = contents(documents, Part.TEST);
        StringBuilder lines = new StringBuilder();
        documents.stream()
                .filter(document -> document.part(SEED) == Part.TEST)
                .forEach(document -> document.samples()
                        .forEach(sample -> lines.append(sample.toJson()).append('\n')));
        Path samples = Files.writeString(folder.resolve("test.jsonl"), lines);

        double model = HeldOutLoss.bits(MODEL, samples, 1)
                / test.stream().mapToLong(text -> text.length).sum();
        double bigram = new ByteBigram(train, 0.1).bitsPerByte(test);
        assertThat(model).isLessThanOrEqualTo(0.75 * bigram);
    }

    private static List<byte[]> contents(List<Document> documents, Part part) {
        return Document.contents(documents.stream()
                        .filter(document -> document.part(SEED) == part)
                        .toList())
                .stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void greedyAnswersToTenProbesAreNotDegenerate() throws IOException {
        List<Probe> probes = ProbeFile.read(Path.of("seeds/P01-P20.json")).subList(0, 10);
        GenerationOptions greedy = GenerationOptions.builder().maxTokens(128).build();
        try (LemModel model = open(4096)) {
            for (Probe probe : probes) {
                String answer = model.chat(List.of(Message.user(probe.prompt())), greedy)
                        .text();
                assertThat(new V2Scorer().rate(answer).degeneration())
                        .as(answer)
                        .isZero();
                assertThat(AnswerFlag.of(answer, Optional.of("end"), false))
                        .as(answer)
                        .isEmpty();
            }
        }
    }
}
