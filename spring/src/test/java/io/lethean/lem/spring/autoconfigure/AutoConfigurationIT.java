package io.lethean.lem.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.spring.LemChatModel;
import io.lethean.lem.spring.LemChatOptions;
import io.lethean.lem.spring.LemEmbeddingModel;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.options.TrainingOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.chat.memory.autoconfigure.ChatMemoryAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.support.SpringFactoriesLoader;

class AutoConfigurationIT {

    private static final String NANO = "lem.chat.model=models/lem-nano.gguf";
    private static final String EMBEDDING = "lem.embedding.model=models/lem-nano.gguf";
    private static final String[] SMALL = {
        "lem.chat.load.threads=1", "lem.chat.load.context-tokens=512", "lem.chat.load.device=cpu"
    };

    @TempDir
    Path folder;

    /** As an application has it: every class of our imports file. */
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    LemChatAutoConfiguration.class,
                    LemEmbeddingAutoConfiguration.class,
                    LemHealthAutoConfiguration.class,
                    LemMetricsAutoConfiguration.class))
            .withPropertyValues(SMALL);

    @Test
    void importsFile_namesTheConfigurations() throws IOException {
        List<String> names = Files.readAllLines(Path.of(
                "spring/src/main/resources/META-INF/spring",
                "org.springframework.boot.autoconfigure.AutoConfiguration.imports"));

        assertThat(names)
                .containsExactlyInAnyOrder(
                        LemChatAutoConfiguration.class.getName(),
                        LemEmbeddingAutoConfiguration.class.getName(),
                        LemHealthAutoConfiguration.class.getName(),
                        LemMetricsAutoConfiguration.class.getName());
    }

    @Test
    void withoutAModel_thereAreNoBeans() {
        runner.run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(ChatModel.class)
                .doesNotHaveBean(EmbeddingModel.class)
                .doesNotHaveBean(LemModel.class)
                .doesNotHaveBean("lemHealthContributor"));
    }

    @Test
    void chatModel_answersThroughChatClient_andTheModelIsClosedWithTheContext() {
        AtomicReference<LemModel> model = new AtomicReference<>();
        runner.withConfiguration(AutoConfigurations.of(
                        ToolCallingAutoConfiguration.class,
                        ChatMemoryAutoConfiguration.class,
                        ChatClientAutoConfiguration.class))
                .withPropertyValues(NANO, "lem.chat.options.max-tokens=5")
                .run(context -> {
                    model.set(context.getBean(LemModel.class));
                    ChatClient client =
                            context.getBean(ChatClient.Builder.class).build();

                    assertThat(client.prompt("Hello").call().content()).isNotNull();
                    assertThat(context).hasSingleBean(ChatModel.class).hasSingleBean(ChatMemory.class);
                    assertThat(model.get().info().context().tokens()).isEqualTo(512);
                    assertThat(model.get().isClosed()).isFalse();
                });

        assertThat(model.get().isClosed()).isTrue();
    }

    @Test
    void properties_areBound() {
        runner.withPropertyValues(
                        NANO,
                        "lem.chat.name=nano",
                        "lem.chat.load.parallel=2",
                        "lem.chat.load.kv-type-k=q8-0",
                        "lem.chat.load.kv-type-v=q8_0",
                        "lem.chat.load.flash-attention=on",
                        "lem.chat.load.gpu-layers=0",
                        "lem.chat.options.temperature=0.7",
                        "lem.chat.options.top-k=4",
                        "lem.chat.options.top-p=0.9",
                        "lem.chat.options.min-p=0.05",
                        "lem.chat.options.typical-p=0.95",
                        "lem.chat.options.repeat-penalty=1.1",
                        "lem.chat.options.repeat-last-n=16",
                        "lem.chat.options.presence-penalty=0.1",
                        "lem.chat.options.frequency-penalty=0.2",
                        "lem.chat.options.logit-bias.7=-1.5",
                        "lem.chat.options.seed=11",
                        "lem.chat.options.stop-sequences=A,B",
                        "lem.chat.options.time-limit=3s",
                        "lem.chat.options.prompt-lookup=true",
                        "lem.chat.options.enable-thinking=false",
                        "lem.chat.options.parallel-tool-calls=false",
                        "lem.chat.options.tool-call-format=hermes",
                        "lem.chat.options.max-tokens=9")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    LemChatOptions options = context.getBean(LemChatModel.class).getOptions();
                    assertThat(options)
                            .isEqualTo(LemChatOptions.builder()
                                    .model("nano")
                                    .temperature(0.7)
                                    .topK(4)
                                    .topP(0.9)
                                    .minP(0.05)
                                    .typicalP(0.95)
                                    .repeatPenalty(1.1)
                                    .repeatLastN(16)
                                    .presencePenalty(0.1)
                                    .frequencyPenalty(0.2)
                                    .logitBias(Map.of(7, -1.5))
                                    .seed(11L)
                                    .stopSequences(List.of("A", "B"))
                                    .timeLimit(Duration.ofSeconds(3))
                                    .promptLookup(true)
                                    .enableThinking(false)
                                    .parallelToolCalls(false)
                                    .toolCallFormat(io.lethean.lem.ToolCallFormat.HERMES)
                                    .maxTokens(9)
                                    .build());
                    LemModel model = context.getBean(LemModel.class);
                    assertThat(model.parallel()).isEqualTo(2);
                    assertThat(model.info().context().kvTypeK()).isEqualTo(io.lethean.lem.model.KvType.Q8_0);
                });
    }

    @Test
    void disabled_orAnotherProviderChosen_thereIsNoModel() {
        for (String off :
                List.of("lem.chat.enabled=false", "spring.ai.model.chat=ollama", "spring.ai.model.chat=none")) {
            runner.withPropertyValues(NANO, off)
                    .run(context -> assertThat(context)
                            .as(off)
                            .hasNotFailed()
                            .doesNotHaveBean(LemModel.class)
                            .doesNotHaveBean(ChatModel.class));
        }
        runner.withPropertyValues(EMBEDDING, "lem.embedding.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(EmbeddingModel.class));
        runner.withPropertyValues(NANO, "spring.ai.model.chat=lem")
                .run(context -> assertThat(context).hasSingleBean(LemChatModel.class));
    }

    @Test
    void beansOfTheApplication_takeThePlaceOfOurs() throws IOException {
        LemModel own = LemModel.load(Path.of("models/lem-nano.gguf"));
        runner.withPropertyValues("lem.chat.model=not-looked-at.gguf")
                .withBean("own", LemModel.class, () -> own)
                .run(context -> {
                    assertThat(context).hasSingleBean(LemModel.class).hasSingleBean(LemChatModel.class);
                    assertThat(context.getBean(LemModel.class)).isSameAs(own);
                });
        assertThat(own.isClosed()).isTrue();
        runner.withPropertyValues(NANO)
                .withBean(
                        "mine",
                        LemChatModel.class,
                        () -> LemChatModel.builder(own).name("mine").build())
                .run(context ->
                        assertThat(context.getBean(LemChatModel.class).name()).isEqualTo("mine"));
    }

    @Test
    void withoutSpringAi_nothingIsConfigured() {
        runner.withClassLoader(new FilteredClassLoader(ChatModel.class, EmbeddingModel.class))
                .withPropertyValues(NANO)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LemModel.class));
    }

    @Test
    void embeddingModel_ofTheSameFile_sharesTheModel() throws IOException {
        Path link = Files.createSymbolicLink(
                folder.resolve("other-name.gguf"),
                Path.of("models/lem-nano.gguf").toAbsolutePath());
        runner.withPropertyValues(NANO, "lem.embedding.model=" + link, "lem.embedding.pooling=mean")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean("lemModelOfEmbeddings")).isSameAs(context.getBean("lemModel"));
                    // Who asks for the model without a name gets the one of the chat.
                    assertThat(context.getBeanProvider(LemModel.class).getIfAvailable())
                            .isSameAs(context.getBean("lemModel"));
                    EmbeddingModel embedding = context.getBean(EmbeddingModel.class);
                    assertThat(embedding.embed("x")).hasSize(160);
                    assertThat(((LemEmbeddingModel) embedding).name()).isEqualTo("lem-nano");
                });
    }

    @Test
    void embeddingModel_ofAnotherFile_hasItsOwn_andBothAreClosed() throws IOException {
        Path copy = Files.copy(Path.of("models/lem-nano.gguf"), folder.resolve("vectors.gguf"));
        AtomicReference<LemModel> model = new AtomicReference<>();
        runner.withPropertyValues(
                        NANO,
                        "lem.embedding.model=" + copy,
                        "lem.embedding.pooling=last",
                        "lem.embedding.normalized=false",
                        "lem.embedding.load.context-tokens=256",
                        "lem.embedding.load.threads=1")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    model.set(context.getBean("lemModelOfEmbeddings", LemModel.class));
                    assertThat(model.get()).isNotSameAs(context.getBean("lemModel"));
                    assertThat(model.get().info().context().tokens()).isEqualTo(256);
                    LemEmbeddingModel embedding = context.getBean(LemEmbeddingModel.class);
                    assertThat(embedding.name()).isEqualTo("vectors");
                    assertThat(embedding.embed("x")).isNotEqualTo(normalized(embedding.embed("x")));
                });
        assertThat(model.get().isClosed()).isTrue();
    }

    private static float[] normalized(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        float[] unit = new float[values.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (values[i] / Math.sqrt(sum));
        }
        return unit;
    }

    @Test
    void embeddingModelAlone_isEnough() {
        runner.withPropertyValues(EMBEDDING, "lem.embedding.pooling=cls", "lem.embedding.load.threads=1")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(EmbeddingModel.class)
                        .doesNotHaveBean(ChatModel.class)
                        .hasBean("lemHealthContributor"));
    }

    // Sentences in place of stack traces.

    private static FailureAnalysis analysis(Throwable failure) {
        // Analyzers of Spring Boot that need a bean factory are left out.
        return SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, (type, name, failed) -> {})
                .stream()
                .filter(LemFailureAnalyzer.class::isInstance)
                .map(analyzer -> analyzer.analyze(failure))
                .findFirst()
                .orElseThrow();
    }

    private FailureAnalysis failure(String... properties) {
        AtomicReference<FailureAnalysis> analysis = new AtomicReference<>();
        runner.withPropertyValues(properties).run(context -> {
            assertThat(context).hasFailed();
            analysis.set(analysis(context.getStartupFailure()));
        });
        assertThat(analysis.get()).isNotNull();
        return analysis.get();
    }

    @Test
    void missingFile_isASentence() {
        FailureAnalysis failure = failure("lem.chat.model=no/such.gguf");

        assertThat(failure.getDescription())
                .isEqualTo("The property lem.chat.model is 'no/such.gguf', which cannot be used: there is no file "
                        + Path.of("no/such.gguf").toAbsolutePath() + ".");
        assertThat(failure.getAction()).contains("hf:org/name:Q4_K_M").contains("relative to the folder");
    }

    @Test
    void fileThatIsNotAModel_isASentence() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.txt"), "not a model");

        FailureAnalysis failure = failure("lem.chat.model=" + text);

        assertThat(failure.getDescription()).contains("lem.chat.model").contains("notes.txt");
        assertThat(failure.getAction()).isEqualTo("Set lem.chat.model to a file that llama.cpp can load.");
    }

    @Test
    void unknownDevice_isASentence() {
        FailureAnalysis failure = failure(NANO, "lem.chat.load.device=TPU9");

        assertThat(failure.getDescription()).contains("TPU9");
        assertThat(failure.getAction()).contains("load.device");
    }

    @Test
    void optionOutOfRange_isASentence() {
        FailureAnalysis failure = failure(NANO, "lem.chat.load.parallel=0");

        assertThat(failure.getDescription())
                .startsWith("A property that begins with lem.chat.load cannot be used: ")
                .contains("parallel");
    }

    @Test
    void missingAdapter_isASentence() {
        FailureAnalysis failure = failure(NANO, "lem.chat.adapters[0].model=no/adapter.gguf");

        assertThat(failure.getDescription()).contains("lem.chat.adapters").contains("no/adapter.gguf");
    }

    @Test
    void missingEmbeddingFile_namesItsProperty() {
        assertThat(failure("lem.embedding.model=no/such.gguf").getDescription())
                .startsWith("The property lem.embedding.model is 'no/such.gguf'");
    }

    @Test
    void twoModelsOfOneName_areASentence() throws IOException {
        Path copy = Files.copy(Path.of("models/lem-nano.gguf"), folder.resolve("lem-nano.gguf"));

        FailureAnalysis failure = failure(NANO, "lem.embedding.model=" + copy, "lem.embedding.pooling=mean");

        assertThat(failure.getDescription()).contains("two files and both have the name 'lem-nano'");
        assertThat(failure.getAction()).contains("lem.embedding.name");
        runner.withPropertyValues(
                        NANO, "lem.embedding.model=" + copy, "lem.embedding.pooling=mean", "lem.embedding.name=vectors")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void loadOptionsForASharedModel_areASentence() {
        FailureAnalysis failure =
                failure(NANO, EMBEDDING, "lem.embedding.pooling=mean", "lem.embedding.load.threads=1");

        assertThat(failure.getDescription()).contains("loaded once for both");
        assertThat(failure.getAction()).contains("lem.chat.load");
    }

    @Test
    void adaptersOfTheChat_wouldChangeEmbeddingsOfTheSameFile_andAreRefused() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("train.jsonl"), "{\"text\": \"Be kind to those who ask.\"}\n".repeat(2));
        TrainingOptions options = TrainingOptions.builder(Path.of("models/lem-nano.gguf"), data, folder.resolve("lora"))
                .iterations(1)
                .batchSize(1)
                .threads(1)
                .build();
        Path adapter = new LemTrainer(options).run().adapter();

        FailureAnalysis failure =
                failure(NANO, EMBEDDING, "lem.embedding.pooling=mean", "lem.chat.adapters[0].model=" + adapter);

        assertThat(failure.getDescription()).contains("They would change the embeddings, too.");
        assertThat(failure.getAction()).contains("another file");
        runner.withPropertyValues(NANO, "lem.chat.adapters[0].model=" + adapter)
                .run(context -> assertThat(context).hasNotFailed());
    }

    // Health and meters.

    private static Health health(CompositeHealthContributor contributor, String name) {
        return ((HealthIndicator) contributor.getContributor(name)).health();
    }

    @Test
    void health_isUpWithDetails_andDownAfterAClose() {
        runner.withPropertyValues(NANO, EMBEDDING, "lem.embedding.pooling=mean").run(context -> {
            CompositeHealthContributor lem =
                    (CompositeHealthContributor) context.getBean("lemHealthContributor", HealthContributor.class);
            // One model, although two beans share it.
            assertThat(lem.stream()).hasSize(1);

            Health up = health(lem, "lemModel");
            assertThat(up.getStatus()).isEqualTo(Status.UP);
            assertThat(up.getDetails())
                    .containsEntry("file", "lem-nano.gguf")
                    .containsEntry("contextTokens", 512)
                    .containsEntry("parallel", 1)
                    .containsKeys("architecture", "devices", "llamaCpp");

            context.getBean("lemModel", LemModel.class).close();
            Health down = health(lem, "lemModel");
            assertThat(down.getStatus()).isEqualTo(Status.DOWN);
            assertThat(down.getDetails().get("error")).asString().contains("closed");
        });
    }

    @Test
    void health_canBeLeftOut() {
        runner.withPropertyValues(NANO, "management.health.lem.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("lemHealthContributor"));
        runner.withClassLoader(new FilteredClassLoader(HealthContributor.class))
                .withPropertyValues(NANO)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("lemHealthContributor"));
    }

    @Test
    void observationRegistryOfTheApplication_isUsed() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        runner.withPropertyValues(NANO, "lem.chat.options.max-tokens=3")
                .withBean(ObservationRegistry.class, () -> registry)
                .run(context -> {
                    context.getBean(ChatModel.class).call("Hello");
                    TestObservationRegistryAssert.assertThat(registry)
                            .hasObservationWithNameEqualTo("gen_ai.client.operation")
                            .that()
                            .hasHighCardinalityKeyValue("gen_ai.usage.output_tokens", "3");
                });
    }

    @Test
    void meters_areInTheRegistryOfTheApplication() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        SimpleMetricsExportAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        ObservationAutoConfiguration.class))
                .withPropertyValues(NANO, "lem.chat.options.max-tokens=3")
                .run(context -> {
                    context.getBean(ChatModel.class).call("Hello");
                    MeterRegistry meters = context.getBean(MeterRegistry.class);
                    assertThat(meters).isInstanceOf(SimpleMeterRegistry.class);
                    assertThat(meters.get("lem.generation.speed")
                                    .tag("model", "lem-nano")
                                    .summary()
                                    .count())
                            .isEqualTo(1);
                });
        runner.withPropertyValues(NANO)
                .run(context -> assertThat(context).doesNotHaveBean(LemMeterObservationHandler.class));
        runner.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .withPropertyValues(NANO)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(LemChatModel.class));
    }
}
