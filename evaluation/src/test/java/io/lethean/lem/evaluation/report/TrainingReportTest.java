package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curves from logs of trainings, interrupted and resumed. */
class TrainingReportTest {

    private static final String STARTED = "{\"event\": \"started\", \"iteration\": %s}%n";
    private static final String TRAIN =
            "{\"event\": \"train\", \"iteration\": %s, \"train_loss\": %s, \"learning_rate\":"
                    + " 1e-05, \"gradient_norm\": 0.5, \"tokens_per_second\": 120.0}%n";
    private static final String VALID = "{\"event\": \"valid\", \"iteration\": %s, \"val_loss\": %s}%n";

    @TempDir
    Path folder;

    private Path log(String phase, String... lines) throws IOException {
        Path file = Files.createDirectories(folder.resolve(phase)).resolve("events.jsonl");
        return Files.writeString(file, String.join("", lines));
    }

    private Path resumedLog() throws IOException {
        return log(
                "01-P0",
                STARTED.formatted(0),
                VALID.formatted(0, "3.5"),
                TRAIN.formatted(2, "3.25"),
                TRAIN.formatted(4, "9.75"),
                STARTED.formatted(2),
                TRAIN.formatted(4, "2.75"),
                TRAIN.formatted(6, "2.5"),
                VALID.formatted(6, "2.25"),
                "{\"event\": \"finished\", \"iteration\": 6, \"end\": \"early_stop\"}\n",
                "{\"event\": \"tr");
    }

    @Test
    void valuesOfAPartThatWasTrainedAgain_areThoseOfTheSecondTime() throws IOException {
        TrainingReport report = TrainingReport.read(resumedLog());

        assertThat(report.as(ReportForm.CSV))
                .isEqualTo(("run,iteration,train_loss,val_loss,learning_rate,gradient_norm,tokens_per_second\r\n"
                        + "01-P0,0,,3.5,,,\r\n"
                        + "01-P0,2,3.25,,1.0E-5,0.5,120.0\r\n"
                        + "01-P0,4,2.75,,1.0E-5,0.5,120.0\r\n"
                        + "01-P0,6,2.5,2.25,1.0E-5,0.5,120.0\r\n"));
        assertThat(report.toText())
                .contains("01-P0: 6 iterations, early stop, validation loss 3.5000 at first, 2.2500 at last, 2.2500 at"
                        + " best after iteration 6.")
                .doesNotContain("9.75");
        assertThat(report.as(ReportForm.JSON))
                .contains("\"name\": \"01-P0\", \"end\": \"early_stop\"")
                .contains("{\"iteration\": 0, \"val_loss\": 3.5}");
        assertThat(report.as(ReportForm.MARKDOWN)).contains("| iteration | train loss | val loss |", "| 4 | 2.7500 |");
    }

    @Test
    void page_drawsEachPhase_withoutANetwork() throws IOException {
        resumedLog();
        log("02-<P1>", STARTED.formatted(0), TRAIN.formatted(1, "2.0"), TRAIN.formatted(2, "NaN"));

        String page = TrainingReport.read(folder).as(ReportForm.HTML);

        assertThat(page)
                .containsSubsequence("<h2>01-P0</h2>", "<title>Loss</title>", "<polyline", "<h2>02-&lt;P1&gt;</h2>")
                .contains("not ended")
                .contains("<title>iteration 6: 2.2500</title>")
                .doesNotContain("<P1>", "NaN", "src=", "@import");
        assertThat(page.split("<title>Loss</title>", -1)).hasSize(3);
    }

    /** The first loss is at the top and the last at the bottom, at the ends of the axis. */
    @Test
    void curve_hasItsLargestValueAtTheTop_andItsIterationsFromLeftToRight() throws IOException {
        Path log = log(
                "a", STARTED.formatted(0), VALID.formatted(0, "4"), VALID.formatted(5, "3"), VALID.formatted(10, "2"));

        assertThat(TrainingReport.read(log).as(ReportForm.HTML))
                .contains("points=\"70.0,28.0 350.0,121.0 630.0,214.0\"");
    }

    @Test
    void folderWithoutATraining_andLinesThatAreNone_areSentences() throws IOException {
        assertThatThrownBy(() -> TrainingReport.read(folder))
                .hasMessageContaining("contains no events.jsonl, so there is no training to report on");
        Path log = log("a", STARTED.formatted(0), "{\"event\": \"train\"}\n");
        assertThatThrownBy(() -> TrainingReport.read(log))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("events.jsonl:2: an event of a training has a whole number as \"iteration\".");
    }
}
