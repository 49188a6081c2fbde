package io.lethean.lem.evaluation.run;

import io.lethean.lem.Message;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.TextGenerator;
import io.lethean.lem.model.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers by rule: the same conversation always gets the same answer, and every conversation is remembered. */
public class FakeModel implements TextGenerator {

    public final List<List<Message>> asked = new ArrayList<>();
    public final List<GenerationOptions> options = new ArrayList<>();

    @Override
    public Generation chat(List<Message> messages, GenerationOptions with) {
        asked.add(messages);
        options.add(with);
        return generation(answer(messages), FinishReason.LENGTH);
    }

    /** Words that score differently by length of the conversation; quotes, line feeds and an emoji to be escaped. */
    public static String answer(List<Message> messages) {
        int length = messages.stream()
                .mapToInt(message -> message.content().length())
                .sum();
        return "\"Hope\" \u2014 and, however,\n\n" + "dignity \uD83D\uDE00 ".repeat(1 + length % 5) + "for you?";
    }

    public static Generation generation(String text, FinishReason reason) {
        Timings timings = new Timings(
                Duration.ZERO, Duration.ofMillis(3), Duration.ofMillis(4), Optional.of(Duration.ofMillis(3)));
        return Generation.builder(text, reason)
                .tokens(List.of(1, 2, 3))
                .promptTokens(17)
                .timings(timings)
                .build();
    }
}
