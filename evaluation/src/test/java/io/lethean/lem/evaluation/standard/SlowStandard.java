package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.run.SlowModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A process of its own that runs a standard benchmark with a model slow enough to be killed while it answers. */
final class SlowStandard {

    static final int QUESTIONS = 40;

    private SlowStandard() {}

    /** Arguments: the output, the milliseconds that an answer takes, whether nothing is generated, and the most answers. */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[1]);
        int most = Integer.parseInt(args[3]);
        if (Boolean.parseBoolean(args[2])) {
            ChoiceRuns.Lengths model = new ChoiceRuns.Lengths();
            model.millis = millis;
            model.most = most;
            new ChoiceRunner(choices(), () -> model, StandardListener.SILENT).run(Path.of(args[0]), false);
            return;
        }
        new StandardRunner(StandardRuns.plan(QUESTIONS), () -> new SlowModel(millis, most), StandardListener.SILENT)
                .run(Path.of(args[0]), false);
    }

    static ChoicePlan choices() {
        return new ChoicePlan(
                AbRuns.MODEL, ChoiceRuns.questions(QUESTIONS), QUESTIONS, Optional.empty(), Preamble.ours());
    }
}
