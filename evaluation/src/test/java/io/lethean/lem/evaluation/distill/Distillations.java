package io.lethean.lem.evaluation.distill;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.distill.DistillPlan.Keep;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.run.SlowModel;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the tests of distillation share; as a program of its own it distils slowly enough to be killed. */
final class Distillations {

    static final int PROBES = 6;
    static final int SAMPLES = 4;
    private static final GenerationOptions OPTIONS =
            DistillPlan.publishedOptions().toBuilder().seed(40).build();

    private Distillations() {}

    /** Scores an answer by the number that it ends with; one without a number is unscored. */
    static final Scorer BY_NUMBER = new Scorer() {
        @Override
        public String name() {
            return "by-number";
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public Score score(Sample sample, String response) {
            String last = response.substring(response.lastIndexOf(' ') + 1);
            OptionalDouble value =
                    last.matches("\\d+") ? OptionalDouble.of(Double.parseDouble(last)) : OptionalDouble.empty();
            return new Score(name(), version(), value, Map.of());
        }
    };

    static DistillPlan plan() {
        return plan(SAMPLES, BY_NUMBER, 42, Keep.ALL);
    }

    static DistillPlan plan(int samples, Scorer scorer, double threshold, Keep keep) {
        return new DistillPlan(
                AbRuns.MODEL, Optional.empty(), AbRuns.probes(PROBES), OPTIONS, samples, scorer, threshold, keep, true);
    }

    static DistillPlan under(Kernel kernel) {
        List<Probe> probes = AbRuns.probes(2);
        return new DistillPlan(
                AbRuns.MODEL,
                Optional.of(kernel),
                probes,
                OPTIONS,
                1,
                Scorers.named("self-distill"),
                -99,
                Keep.ALL,
                true);
    }

    /** Ends each answer with its seed; the third probe's answers are cut short. */
    static class Model extends FakeModel {
        final List<Long> seeds = new ArrayList<>();

        @Override
        public Generation chat(List<Message> messages, GenerationOptions with) {
            super.chat(messages, with);
            seeds.add(with.sampling().seed().orElse(-1));
            boolean cut = messages.getLast().content().endsWith("\u00e9\u00e9\u00e9")
                    && !messages.getLast().content().endsWith("\u00e9\u00e9\u00e9\u00e9");
            return generation(
                    String.format(
                            Locale.ROOT,
                            "On %s: %d",
                            messages.getLast().content(),
                            with.sampling().seed().orElse(0)),
                    cut ? FinishReason.LENGTH : FinishReason.END_OF_TURN);
        }
    }

    /** Arguments: the output, the milliseconds that an answer takes, and the most answers. */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[1]);
        int most = Integer.parseInt(args[2]);
        Model slow = new Model() {
            @Override
            public Generation chat(List<Message> messages, GenerationOptions with) {
                SlowModel.take(millis, most, asked.size());
                return super.chat(messages, with);
            }
        };
        new DistillRunner(plan(), () -> slow, RunListener.SILENT).run(Path.of(args[0]), false);
    }
}
