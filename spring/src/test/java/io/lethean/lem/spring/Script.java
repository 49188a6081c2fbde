package io.lethean.lem.spring;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** Answers as a function says, in place of a model, and keeps what it was asked. */
final class Script implements Answerer {

    static final String NAME = "script";

    private static final Timings TIMES = new Timings(
            Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(100), Optional.of(Duration.ofMillis(30)));

    final List<GenerationRequest.Chat> asked = new CopyOnWriteArrayList<>();
    private final Function<GenerationRequest.Chat, AnswerParts> answers;

    Script(Function<GenerationRequest.Chat, AnswerParts> answers) {
        this.answers = answers;
    }

    /** A model that says the same whatever it is asked. */
    static Script saying(String text) {
        return new Script(request -> words(text));
    }

    static AnswerParts words(String text) {
        return new AnswerParts(text, Optional.empty(), List.of(), List.of());
    }

    static AnswerParts calls(ToolCall... calls) {
        return new AnswerParts("", Optional.empty(), List.of(calls), List.of());
    }

    LemChatModel.Builder model() {
        return LemChatModel.builder(this, NAME);
    }

    @Override
    public ChatAnswer answer(GenerationRequest.Chat request) {
        asked.add(request);
        return whole(answers.apply(request), FinishReason.END_OF_TURN);
    }

    /** Hands out thoughts, then words one by one, then calls, as a model does. */
    @Override
    public ChatAnswer answer(GenerationRequest.Chat request, Consumer<AnswerParts> parts, Cancellation cancellation) {
        asked.add(request);
        AnswerParts answer = answers.apply(request);
        answer.thinking()
                .ifPresent(thinking -> List.of(thinking.split("(?<= )"))
                        .forEach(piece -> parts.accept(new AnswerParts("", Optional.of(piece), List.of(), List.of()))));
        for (String word : answer.content().split("(?<= )")) {
            if (cancellation.isCancelled()) {
                return whole(words(word), FinishReason.CANCELLED);
            }
            parts.accept(words(word));
        }
        parts.accept(new AnswerParts("", Optional.empty(), answer.toolCalls(), List.of()));
        return whole(answer, FinishReason.END_OF_TURN);
    }

    private static ChatAnswer whole(AnswerParts parts, FinishReason reason) {
        return new ChatAnswer(
                parts,
                Generation.builder(parts.content(), reason)
                        .promptTokens(12)
                        .reusedTokens(4)
                        .tokens(List.of(1, 2, 3, 4, 5))
                        .timings(TIMES)
                        .build());
    }
}
