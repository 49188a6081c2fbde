package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.spring.autoconfigure.LemMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.test.StepVerifier;

class ObservationTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestObservationRegistry registry = TestObservationRegistry.create();

    private LemChatModel model(Script script) {
        return script.model()
                .options(LemChatOptions.builder().temperature(0.5).maxTokens(9).build())
                .observationRegistry(registry)
                .build();
    }

    private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert operation() {
        return TestObservationRegistryAssert.assertThat(registry)
                .doesNotHaveAnyRemainingCurrentObservation()
                .hasObservationWithNameEqualTo(DefaultChatModelObservationConvention.DEFAULT_NAME)
                .that();
    }

    @Test
    void call_isObservedWithTokensAndOptions() {
        model(Script.saying("yes")).call(new Prompt("Hello"));

        operation()
                .hasContextualNameEqualTo("chat script")
                .hasLowCardinalityKeyValue("gen_ai.operation.name", "chat")
                .hasLowCardinalityKeyValue("gen_ai.system", "lem")
                .hasLowCardinalityKeyValue("gen_ai.request.model", "script")
                .hasLowCardinalityKeyValue("gen_ai.response.model", "script")
                .hasHighCardinalityKeyValue("gen_ai.request.temperature", "0.5")
                .hasHighCardinalityKeyValue("gen_ai.request.max_tokens", "9")
                .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"stop\"]")
                .hasHighCardinalityKeyValue("gen_ai.usage.input_tokens", "12")
                .hasHighCardinalityKeyValue("gen_ai.usage.output_tokens", "5")
                .hasHighCardinalityKeyValue("gen_ai.usage.total_tokens", "17")
                .hasBeenStarted()
                .hasBeenStopped();
    }

    @Test
    void stream_isObservedAsAWhole_belowItsSubscriber() {
        Observation parent = Observation.start("parent", registry);
        List<ChatModelObservationContext> contexts = new java.util.concurrent.CopyOnWriteArrayList<>();
        registry.observationConfig().observationHandler(new io.micrometer.observation.ObservationHandler<>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof ChatModelObservationContext;
            }

            @Override
            public void onStop(Observation.Context context) {
                contexts.add((ChatModelObservationContext) context);
            }
        });

        model(Script.saying("one two three")).stream(new Prompt("Hello"))
                .contextWrite(context -> context.put(ObservationThreadLocalAccessor.KEY, parent))
                .blockLast(SOON);
        parent.stop();

        operation()
                .hasHighCardinalityKeyValue("gen_ai.request.stream", "true")
                .hasHighCardinalityKeyValue("gen_ai.usage.output_tokens", "5")
                .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"stop\"]")
                .hasParentObservationEqualTo(parent)
                .hasBeenStopped();
        assertThat(contexts)
                .singleElement()
                .satisfies(context -> assertThat(
                                context.getResponse().getResult().getOutput().getText())
                        .isEqualTo("one two three"));
    }

    @Test
    void failure_isObserved() {
        Script broken = new Script(request -> {
            throw new IllegalStateException("The model is closed.");
        });
        StepVerifier.create(model(broken).stream(new Prompt("Hello")))
                .expectError(IllegalStateException.class)
                .verify(SOON);

        operation().hasError().hasBeenStopped();
    }

    @Test
    void cancelledStream_isStopped() {
        model(Script.saying("one two three")).stream(new Prompt("Hello"))
                .take(1)
                .blockLast(SOON);

        operation().hasBeenStopped();
    }

    @Test
    void meters_haveSpeedAndWaiting() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        registry.observationConfig().observationHandler(new LemMeterObservationHandler(meters));
        LemChatModel model = model(Script.saying("one two three"));

        model.call(new Prompt("Hello"));
        model.stream(new Prompt("Hello")).blockLast(SOON);

        // 5 tokens in 100 ms, and 8 of 12 tokens of the prompt in 20 ms.
        assertThat(meters.get("lem.generation.speed")
                        .tag("model", "script")
                        .summary()
                        .max())
                .isEqualTo(50);
        assertThat(meters.get("lem.prompt.speed").summary().mean()).isEqualTo(400);
        assertThat(meters.get("lem.prompt.speed").summary().count()).isEqualTo(2);
        assertThat(meters.get("lem.first.token").timer().mean(TimeUnit.MILLISECONDS))
                .isEqualTo(30);
        assertThat(meters.get("lem.waiting").timer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(10);
        assertThat(meters.get("lem.reused.prompt.tokens").counter().count()).isEqualTo(8);
    }
}
