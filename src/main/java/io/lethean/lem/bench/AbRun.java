package io.lethean.lem.bench;

import io.lethean.lem.BenchmarkException;
import io.lethean.lem.bench.AbListener.AbAnswer;
import io.lethean.lem.data.Probe;
import io.lethean.lem.model.ChatModel;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The part of an A/B benchmark that one process runs: it asks what is not recorded and writes what is complete. */
final class AbRun {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");
    private static final double NANOS_PER_SECOND = 1e9;

    private final AbPlan plan;
    private final List<Probe> questions;
    private final Supplier<? extends ChatModel> model;
    private final AbListener listener;
    private final RunLog log;
    private final AbOutput output;
    private int recorded;
    private @Nullable ChatModel loaded;

    AbRun(AbPlan plan, Supplier<? extends ChatModel> model, AbListener listener, RunLog log, AbOutput output) {
        this.plan = plan;
        questions = plan.questions();
        this.model = model;
        this.listener = listener;
        this.log = log;
        this.output = output;
        recorded = countRecorded();
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
        log.open(identity, plan.model(), recorded, now());
        listener.started(recorded, plan.answerCount());
        for (int index = output.probes().size(); index < questions.size(); index++) {
            finishProbe(index);
        }
        AbSummary summary = output.finish(now());
        log.done(recorded, now());
        return summary;
    }

    private void finishProbe(int index) throws IOException {
        Probe probe = questions.get(index);
        Map<String, RecordedAnswer> answers = new LinkedHashMap<>();
        for (AbCondition condition : plan.conditions()) {
            RecordedAnswer answer = log.answer(index, condition.name()).orElse(null);
            if (answer == null) {
                answer = ask(index, probe, condition);
            }
            answers.put(condition.name(), answer);
        }
        output.append(answers);
    }

    private RecordedAnswer ask(int index, Probe probe, AbCondition condition) throws IOException {
        ChatModel chat = model();
        log.ask(index, probe, condition.name(), now());
        long start = System.nanoTime();
        Generation generation = generate(chat, index, condition);
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        RecordedAnswer answer = RecordedAnswer.of(generation, seconds, now());
        log.answer(index, probe, condition.name(), answer);
        recorded++;
        listener.answered(new AbAnswer(
                recorded,
                plan.answerCount(),
                probe.id(),
                condition.name(),
                output.score(probe, answer).value().orElseThrow(),
                seconds,
                generation.generatedTokens()));
        return answer;
    }

    /** The model, loaded when the first question is about to be put. */
    private ChatModel model() {
        if (loaded == null) {
            loaded = model.get();
        }
        return loaded;
    }

    private Generation generate(ChatModel chat, int index, AbCondition condition) {
        Probe probe = questions.get(index);
        Generation generation;
        try {
            generation = chat.chat(condition.messages(probe), plan.options(index));
        } catch (RuntimeException e) {
            throw stopped(probe, condition, "failed: " + sentence(e), e);
        }
        if (generation.finishReason() == FinishReason.CANCELLED) {
            throw stopped(probe, condition, "was cancelled.", null);
        }
        return generation;
    }

    private static String sentence(RuntimeException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.endsWith(".") ? message : message + ".";
    }

    private BenchmarkException stopped(
            Probe probe, AbCondition condition, String fault, @Nullable RuntimeException cause) {
        String message = "The answer to probe '%s' under the condition '%s' %s %d of %d answers are recorded; "
                + "run the same command again to go on.";
        return new BenchmarkException(
                message.formatted(probe.id(), condition.name(), fault, recorded, plan.answerCount()), cause);
    }

    private static String now() {
        return OffsetDateTime.now(ZoneOffset.UTC).format(TIME);
    }
}
