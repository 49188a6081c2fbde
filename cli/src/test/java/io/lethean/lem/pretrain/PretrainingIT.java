package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Message;
import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.pretrain.PretrainOptions.PretrainFiles;
import io.lethean.lem.pretrain.PretrainOptions.PretrainSchedule;
import io.lethean.lem.train.TrainingEvent;
import io.lethean.lem.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model from an invented language of a few words, in seconds. */
class PretrainingIT {

    private static final ModelShape TINY = new ModelShape(2, 32, 2, 1, 64, 320, 16, 256);
    private static final String[] WHO = {"The miller", "The ferryman", "A student", "My sister", "The old dog"};
    private static final String[] DOES = {"sees", "hears", "remembers", "follows"};
    private static final String[] WHAT = {"the river", "a bell", "the long road", "an open door"};

    @TempDir
    Path folder;

    @BeforeEach
    void writeText() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            text.append(i == 0 ? "" : "\n***\n");
            for (int sentence = 0; sentence < 4; sentence++) {
                text.append(pick(WHO, random))
                        .append(' ')
                        .append(pick(DOES, random))
                        .append(' ')
                        .append(pick(WHAT, random))
                        .append(". ");
            }
        }
        Files.createDirectories(folder.resolve("text"));
        Files.writeString(folder.resolve("text/made-up.txt"), text);
        Files.writeString(folder.resolve("text/talk.txt"), "Question: Who is it?\nAnswer: A student.\n");
    }

    private static String pick(String[] words, SplittableRandom random) {
        return words[random.nextInt(words.length)];
    }

    private PretrainOptions options(String name) {
        return new PretrainOptions(
                new PretrainFiles(
                        List.of(folder.resolve("text")), folder.resolve(name + ".gguf"), folder.resolve(name)),
                "made-up",
                TINY,
                new PretrainSchedule(3, 2, 4, 1e-2, 0.1, 64),
                5,
                1);
    }

    @Test
    void aModelFromNothing_learnsItsText_andAnyTextRoundTrips() throws IOException {
        PretrainReport report = new Pretraining(options("a"))
                .run(TrainingListener.SILENT, new Cancellation())
                .orElseThrow();

        assertThat(report.saving()).isGreaterThan(0.25);
        assertThat(report.bitsPerByte()).isLessThan(1);
        assertThat(report.parameters()).isGreaterThan(20_000).isLessThan(40_000);
        assertThat(report.fileBytes()).isEqualTo(Files.size(folder.resolve("a.gguf")));
        assertThat(report.toString()).contains("bits per byte, a byte bigram");
        ModelOptions small = ModelOptions.builder()
                .device("cpu")
                .threads(1)
                .contextTokens(256)
                .build();
        try (LemModel model = LemModel.load(folder.resolve("a.gguf"), small)) {
            for (String text : List.of(
                    "The miller",
                    " two  blanks ",
                    "Why ? It 's , so .",
                    "''s 12345",
                    "\u2581 \u00e9\u4e2d\ud83d\ude00\n\n\t<s>\u0000x")) {
                assertThat(model.detokenize(model.tokenize(text))).isEqualTo(text);
            }
            assertThat(model.tokenizer().applyTemplate(List.of(Message.user("Who?")), true))
                    .isEqualTo("<s><|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\n");
            assertThat(model.generate(
                                    "The mill",
                                    GenerationOptions.builder().maxTokens(2).build())
                            .text())
                    .startsWith("er");
        }
    }

    /** Every document is longer than the context of 256 tokens, those that are held out too. */
    @Test
    void documentsLongerThanTheContext_areMeasuredWhole() throws IOException {
        Path text = folder.resolve("text/made-up.txt");
        StringBuilder longer = new StringBuilder();
        for (String document : Files.readString(text).split("\n\\*{3}\n")) {
            longer.append(longer.isEmpty() ? "" : "\n***\n").append((document + " ").repeat(12));
        }
        Files.writeString(text, longer);

        PretrainReport report = new Pretraining(options("a"))
                .run(TrainingListener.SILENT, new Cancellation())
                .orElseThrow();

        assertThat(report.bitsPerByte()).isGreaterThan(0).isLessThan(1.5);
    }

    @Test
    void aCancelledTraining_goesOnToTheSameBytes() throws IOException {
        new Pretraining(options("a")).run(TrainingListener.SILENT, new Cancellation());
        Cancellation cancellation = new Cancellation();
        TrainingListener afterSome = event -> {
            if (event instanceof TrainingEvent.Progress) {
                cancellation.cancel();
            }
        };

        Optional<PretrainReport> cancelled = new Pretraining(options("b")).run(afterSome, cancellation);
        assertThat(cancelled).isEmpty();
        assertThat(folder.resolve("b.gguf")).doesNotExist();
        new Pretraining(options("b")).run(TrainingListener.SILENT, new Cancellation());
        assertThat(Sha256.of(folder.resolve("b.gguf"))).isEqualTo(Sha256.of(folder.resolve("a.gguf")));
    }

    @Test
    void tooLittleTextToHoldSomeOut_isRefused() throws IOException {
        Files.delete(folder.resolve("text/made-up.txt"));

        assertThatThrownBy(() -> new Pretraining(options("a")).run(TrainingListener.SILENT, new Cancellation()))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("hold 1 documents, which are too few to hold some out");
        assertThat(folder.resolve("a")).doesNotExist();
    }
}
