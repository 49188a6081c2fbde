package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.internal.run.Condition;
import io.lethean.lem.evaluation.internal.run.Interview;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.run.RunListener.Answered;
import io.lethean.lem.evaluation.run.RunQuestion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of an A/B benchmark that one process runs: it asks what is not recorded and writes what is complete. */
final class AbRun {

    private final AbPlan plan;
    private final List<Probe> questions;
    private final RunListener listener;
    private final RunLog log;
    private final AbOutput output;
    private final Interview interview;

    AbRun(AbPlan plan, AnswerSource source, RunListener listener, RunLog log, AbOutput output) {
        this.plan = plan;
        questions = plan.questions();
        this.listener = listener;
        this.log = log;
        this.output = output;
        interview = new Interview(log, source, plan.answerCount(), countRecorded());
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
        for (int written = 0; written < output.probes().size(); written++) {
            forgetTexts(written);
        }
        log.open(identity, plan.model(), plan.scope(), interview.recorded(), RecordedAnswer.now());
        listener.started(interview.recorded(), plan.answerCount());
        write();
        interview.askAll(open(), (question, answer) -> {
            tell(question, answer);
            write();
        });
        AbSummary summary = output.finish(RecordedAnswer.now(), log);
        log.done(interview.recorded(), RecordedAnswer.now());
        return summary;
    }

    /** The questions without an answer, probe by probe. */
    private List<RunQuestion> open() {
        List<RunQuestion> open = new ArrayList<>();
        for (int index = output.probes().size(); index < questions.size(); index++) {
            Probe probe = questions.get(index);
            for (Condition condition : plan.conditions()) {
                if (log.answer(index, condition.name()).isEmpty()) {
                    open.add(new RunQuestion(
                            index, probe.id(), condition.name(), condition.messages(probe), plan.options(index)));
                }
            }
        }
        return open;
    }

    /** Writes the lines of the next probes with complete answers; answers come in any order, lines in the plan's. */
    private void write() throws IOException {
        while (output.probes().size() < questions.size()) {
            Map<String, RecordedAnswer> answers = new LinkedHashMap<>();
            for (String condition : plan.conditionNames()) {
                log.answer(output.probes().size(), condition).ifPresent(answer -> answers.put(condition, answer));
            }
            if (answers.size() < plan.conditions().size()) {
                return;
            }
            output.append(answers);
            forgetTexts(output.probes().size() - 1);
        }
    }

    /** The output has them; a run may have more answers than fit into memory. */
    private void forgetTexts(int probe) {
        plan.conditionNames().forEach(condition -> log.forgetText(probe, condition));
    }

    private void tell(RunQuestion question, RecordedAnswer answer) {
        Probe probe = questions.get(question.probe());
        listener.answered(new Answered(
                interview.recorded(),
                plan.answerCount(),
                probe.id(),
                question.condition(),
                output.score(probe, answer).value().orElse(Double.NaN),
                answer.seconds(),
                (int) answer.generatedTokens()));
    }
}
