package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.Generation;
import io.lethean.lem.spring.LemChatModel;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import java.time.Duration;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.observation.ChatModelObservationContext;

/**
 * Measures each answer of a {@link LemChatModel}, in addition to Spring AI's own meters of durations and tokens. The tag {@code
 * model} is the name of the model.
 *
 * <ul>
 *   <li>{@code lem.first.token}: time from the call to the first token, waiting included
 *   <li>{@code lem.waiting}: time until the prompt was begun
 *   <li>{@code lem.prompt.speed}, {@code lem.generation.speed}: tokens per second, of what was evaluated and generated
 *   <li>{@code lem.reused.prompt.tokens}: tokens of prompts that the KV cache had
 * </ul>
 */
public final class LemMeterObservationHandler implements ObservationHandler<ChatModelObservationContext> {

    private static final double NANOS = 1e9;
    private static final String UNIT = "tokens/s";

    private final MeterRegistry meters;

    /**
     * A handler of observations.
     *
     * @param meters where the meters are
     */
    public LemMeterObservationHandler(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ChatModelObservationContext chat
                && chat.getOperationMetadata().provider().equals(LemChatModel.PROVIDER);
    }

    @Override
    public void onStop(ChatModelObservationContext context) {
        if (context.getResponse() == null) {
            return;
        }
        ChatResponseMetadata metadata = context.getResponse().getMetadata();
        Generation generation = metadata.get(LemChatModel.GENERATION);
        if (generation != null) {
            measure(generation, metadata.getModel());
        }
    }

    private void measure(Generation generation, String model) {
        generation
                .timings()
                .firstToken()
                .ifPresent(time -> Timer.builder("lem.first.token")
                        .description("Time from the call to the first token, waiting included.")
                        .tag("model", model)
                        .register(meters)
                        .record(time));
        Timer.builder("lem.waiting")
                .description("Time until the prompt was begun.")
                .tag("model", model)
                .register(meters)
                .record(generation.timings().waiting());
        speed("lem.prompt.speed", "Tokens of prompts per second, as far as they were evaluated.", model)
                .accept(generation.evaluatedTokens(), generation.timings().prompt());
        speed("lem.generation.speed", "Generated tokens per second, sampling included.", model)
                .accept(generation.generatedTokens(), generation.timings().generation());
        Counter.builder("lem.reused.prompt.tokens")
                .description("Tokens of prompts that the KV cache had.")
                .baseUnit("tokens")
                .tag("model", model)
                .register(meters)
                .increment(generation.reusedTokens());
    }

    private interface Speed {
        void accept(int tokens, Duration time);
    }

    private Speed speed(String name, String description, String model) {
        DistributionSummary summary = DistributionSummary.builder(name)
                .description(description)
                .baseUnit(UNIT)
                .tag("model", model)
                .register(meters);
        return (tokens, time) -> {
            if (tokens > 0 && time.isPositive()) {
                summary.record(tokens * NANOS / time.toNanos());
            }
        };
    }
}
