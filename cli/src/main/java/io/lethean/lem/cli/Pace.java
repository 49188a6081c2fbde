package io.lethean.lem.cli;

import java.time.Duration;
import java.util.Locale;

/** How fast a run gets answers, and how long the others will take. */
final class Pace {

    private final Console console;
    private int recordedBefore;
    private long began;

    Pace(Console console) {
        this.console = console;
    }

    /** The run starts or resumes: says how much there is to do. */
    void start(int recorded, int answers) {
        recordedBefore = recorded;
        began = System.nanoTime();
        console.note(
                recorded == 0
                        ? String.format(Locale.ROOT, "%d answers to ask for", answers)
                        : String.format(Locale.ROOT, "%d of %d answers are recorded already", recorded, answers));
    }

    /** The time left at the pace so far, as hours, minutes and seconds. */
    String left(int done, int answers) {
        double perAnswer = (System.nanoTime() - began) / 1e9 / (done - recordedBefore);
        Duration left = Duration.ofSeconds(Math.round(perAnswer * (answers - done)));
        return String.format(Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart());
    }
}
