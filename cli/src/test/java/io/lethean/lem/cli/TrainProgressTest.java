package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.train.TrainingEnd;
import io.lethean.lem.train.TrainingEvent;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** What {@code lem train} prints while it trains, on a terminal and elsewhere. */
class TrainProgressTest {

    private static String printed(boolean interactive) {
        StringWriter err = new StringWriter();
        TrainProgress progress = new TrainProgress(new Console(
                new BufferedReader(Reader.nullReader()),
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                interactive));
        progress.onEvent(new TrainingEvent.Updated(1, 200, 3.25, 120.5, 3700));
        progress.onEvent(new TrainingEvent.Updated(2, 200, 3, 99, 59));
        progress.onEvent(new TrainingEvent.Validated(2, 2.5, 9, 1, false));
        progress.onEvent(new TrainingEvent.Updated(3, 200, 2, 99, 58));
        progress.onEvent(new TrainingEvent.Finished(3, TrainingEnd.CANCELLED));
        return err.toString().replace(System.lineSeparator(), "\n");
    }

    @Test
    void terminal_showsEachUpdateInPlace_andClearsItBeforeALineThatStays() {
        String first = "Iter 1/200: loss 3.250, 120.5 tokens/s, 1:01:40 left";
        String second = "Iter 2/200: loss 3.000, 99.0 tokens/s, 0:00:59 left";
        String third = "Iter 3/200: loss 2.000, 99.0 tokens/s, 0:00:58 left";

        assertThat(printed(true))
                .isEqualTo("\r" + first + "\r" + second + " " + "\r" + " ".repeat(second.length()) + "\r"
                        + "Iter 2: Val loss 2.500, Val took 1.000s\n" + "\r" + third + "\r"
                        + " ".repeat(third.length()) + "\r");
    }

    @Test
    void pipe_getsOnlyLinesThatStay() {
        assertThat(printed(false)).isEqualTo("Iter 2: Val loss 2.500, Val took 1.000s\n");
    }
}
