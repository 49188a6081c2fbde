package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Random schemas by a model that knows nothing of JSON: llama.cpp must read the grammars as they are meant. */
class JsonSchemaIT {

    private static final int SCHEMAS = 300;
    private static final int SEEDS = 5;
    private static final ModelOptions ONE_THREAD =
            ModelOptions.builder().threads(1).contextTokens(256).device("cpu").build();

    @Test
    void textsByRandomSchemas_followThem() throws IOException {
        assertThat(finishedTexts(usableSchemas())).isGreaterThan(SCHEMAS * SEEDS * 2 / 3);
    }

    @Test
    void textsBySchemasFromReports_followThem() throws IOException {
        JsonNode all = new JsonMapper().readTree(Files.readString(Fixtures.require("trials/schemas.json")));
        List<String> schemas = all.properties().stream()
                .filter(each -> !List.of("boolean-false", "empty-enum").contains(each.getKey()))
                .map(each -> each.getValue().toString())
                .toList();
        // Long strings, additional properties and recursion may take more tokens than there are.
        assertThat(finishedTexts(schemas)).isGreaterThan(schemas.size() * SEEDS * 2 / 3);
    }

    /** Generates a text for each schema and seed, and checks those that the model has ended; how many there were. */
    private static int finishedTexts(List<String> schemas) throws IOException {
        int finished = 0;
        try (LemModel model = LemModel.load(Path.of("models/lem-nano.gguf"), ONE_THREAD)) {
            for (String schema : schemas) {
                Validator validator = new Validator(schema);
                for (int seed = 0; seed < SEEDS; seed++) {
                    Generation answer = model.generate("Once", options(schema, seed));
                    if (answer.finishReason() == FinishReason.END_OF_TURN) {
                        assertThat(validator.problems(answer.text()))
                                .as(schema + "\n" + answer.text())
                                .isEmpty();
                        finished++;
                    }
                }
            }
        }
        return finished;
    }

    @Test
    void largeSchemas_areTakenByLlamaCpp() throws IOException {
        List<String> schemas = List.of(
                "{\"type\": \"string\", \"minLength\": 1000, \"maxLength\": 1000000}",
                "{\"type\": \"string\", \"maxLength\": 3000, \"pattern\": \"^[a-z ]*$\"}",
                "{\"type\": \"array\", \"items\": {\"type\": \"integer\"}, \"minItems\": 70, \"maxItems\": 5000}",
                "{\"type\": \"integer\", \"multipleOf\": 360}",
                "{\"enum\": [%s]}".formatted(listed("\"code %d of many\"", 3000)),
                "{\"properties\": {%s}}".formatted(listed("\"property %d\": {\"type\": \"integer\"}", 500)),
                "{\"properties\": {%s}, \"minProperties\": 20}".formatted(listed("\"%d\": true", 60)),
                "{}");
        try (LemModel model = LemModel.load(Path.of("models/lem-nano.gguf"), ONE_THREAD)) {
            for (String schema : schemas) {
                GenerationOptions options = GenerationOptions.builder()
                        .maxTokens(20)
                        .jsonSchema(schema)
                        .build();
                assertThat(model.generate("Once", options).text()).isNotEmpty();
            }
        }
    }

    private static String listed(String form, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.format(Locale.ROOT, form, i))
                .collect(Collectors.joining(","));
    }

    @Test
    void textsThatAreCut_andThoseThatAreCutByAStopSequence() throws IOException {
        String schema = "{\"type\": \"array\", \"items\": {\"const\": true}, \"minItems\": 5}";
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(4).jsonSchema(schema).build();
        try (LemModel model = LemModel.load(Path.of("models/lem-nano.gguf"), ONE_THREAD)) {
            Generation cut = model.generate("Once", options);
            assertThat(cut.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(cut.text()).startsWith("[").doesNotEndWith("]");

            GenerationOptions stopped =
                    options.toBuilder().maxTokens(100).stop(",").build();
            assertThatExceptionOfType(GrammarException.class)
                    .isThrownBy(() -> model.generate("Once", stopped))
                    .withMessageStartingWith("The finished text is not JSON");
            List<GenerationOutcome> outcomes = model.generateAll(List.of("Once", "Once"), stopped);
            assertThat(outcomes).hasSize(2).allMatch(GenerationOutcome.Failed.class::isInstance);
        }
    }

    private static GenerationOptions options(String schema, int seed) {
        return GenerationOptions.builder()
                .maxTokens(100)
                .temperature(0.5 + seed * 0.25)
                .seed(seed)
                .jsonSchema(schema)
                .build();
    }

    private static List<String> usableSchemas() {
        List<String> schemas = new ArrayList<>();
        for (int seed = 0; schemas.size() < SCHEMAS; seed++) {
            String schema = new RandomSchema(seed).document();
            try {
                JsonSchema.parse(schema);
                schemas.add(schema);
            } catch (GrammarException refused) {
                // JsonSchemaTest counts how many there are.
            }
        }
        return schemas;
    }
}
