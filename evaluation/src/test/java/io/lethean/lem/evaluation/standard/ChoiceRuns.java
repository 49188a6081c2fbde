package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.run.SlowModel;
import io.lethean.lem.model.LogLikelihood;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Questions with choices, and a model that finds short texts likely. */
final class ChoiceRuns {

    private ChoiceRuns() {}

    static List<Question> questions(int count) {
        List<Question> questions = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            questions.add(new Question(
                    "Q" + i,
                    "Is it " + i + "?",
                    Map.of(
                            "best_answer",
                            "yes " + i,
                            "correct_answers",
                            List.of("yes " + i),
                            "incorrect_answers",
                            List.of("no"))));
        }
        return questions;
    }

    static final class Lengths implements LikelihoodModel {
        final List<String> contexts = new ArrayList<>();
        int failAt = -1;
        int millis;
        int most = Integer.MAX_VALUE;

        @Override
        public List<LogLikelihood> of(String context, List<String> continuations) {
            if (contexts.size() == failAt) {
                throw new IllegalStateException("The model is closed.");
            }
            SlowModel.take(millis, most, contexts.size());
            contexts.add(context);
            return continuations.stream()
                    .map(text -> new LogLikelihood(-text.length(), 1, false))
                    .toList();
        }
    }
}
