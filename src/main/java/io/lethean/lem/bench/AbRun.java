package io.lethean.lem.bench;

import io.lethean.lem.bench.AbListener.AbAnswer;
import io.lethean.lem.data.Probe;
import io.lethean.lem.model.ChatModel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The part of an A/B benchmark that one process runs: it asks what is not recorded and writes what is complete. */
final class AbRun {

    private final AbPlan plan;
    private final List<Probe> questions;
    private final AbListener listener;
    private final RunLog log;
    private final AbOutput output;
    private final Interview interview;

    AbRun(AbPlan plan, Supplier<? extends ChatModel> model, AbListener listener, RunLog log, AbOutput output) {
        this.plan = plan;
        questions = plan.questions();
        this.listener = listener;
        this.log = log;
        this.output = output;
        interview = new Interview(log, model, plan.answerCount(), countRecorded());
    }

    private int countRecorded() {
        int written = output.probes().size();
        int count = written * plan.conditions().size();
        for (int probe = written; probe < questions.size(); probe++) {
            for (String condition : plan.conditionNames()) {
                count += log.answer(probe, condition).isPresent() ? 1 : 0;
            }
        }
        return count;
    }

    AbSummary finish(RunIdentity identity) throws IOException {
        output.open();
        log.open(identity, plan.model(), interview.recorded(), Interview.now());
        listener.started(interview.recorded(), plan.answerCount());
        for (int index = output.probes().size(); index < questions.size(); index++) {
            finishProbe(index);
        }
        AbSummary summary = output.finish(Interview.now());
        log.done(interview.recorded(), Interview.now());
        return summary;
    }

    private void finishProbe(int index) throws IOException {
        Probe probe = questions.get(index);
        Map<String, RecordedAnswer> answers = new LinkedHashMap<>();
        for (AbCondition condition : plan.conditions()) {
            RunQuestion question = new RunQuestion(
                    index, probe.id(), condition.name(), condition.messages(probe), plan.options(index));
            RecordedAnswer answer = interview.recorded(question).orElse(null);
            answers.put(condition.name(), answer == null ? ask(question, probe) : answer);
        }
        output.append(answers);
    }

    private RecordedAnswer ask(RunQuestion question, Probe probe) throws IOException {
        RecordedAnswer answer = interview.ask(question);
        listener.answered(new AbAnswer(
                interview.recorded(),
                plan.answerCount(),
                probe.id(),
                question.condition(),
                output.score(probe, answer).value().orElseThrow(),
                answer.seconds(),
                (int) answer.generatedTokens()));
        return answer;
    }
}
