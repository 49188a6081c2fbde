package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts of the grammars of random schemas and of schemas that others reported, by another project's validator. */
class JsonSchemaTest {

    private static final int SCHEMAS = 2000;
    private static final int TEXTS = 10;
    private static final List<String> SIMPLE = List.of(
            "null",
            "true",
            "false",
            "\"\"",
            "\"a\"",
            "\"ab\"",
            "\"abc\"",
            "\"x1\"",
            "\"é😀\"",
            "\"1234\"",
            "\"wait!\"",
            "\"2024-02-29\"",
            "\"b\\n\\\"\"",
            "0",
            "3",
            "-1.5",
            "12",
            "12.5",
            "-7",
            "60",
            "1000",
            "0.01",
            "[]",
            "{}",
            "[1,[\"x\"]]",
            "[true]",
            "[null,null]",
            "[\"a\",3]",
            "{\"a\":null,\"b\":[2]}");

    /** Texts that are JSON, and of which most schemas allow some. */
    private static List<String> values() {
        List<String> values = new ArrayList<>(SIMPLE);
        List<String> names = List.of("a", "b", "", "root", "ws", "a b", "é\\\"", "x1", "y-1", "zz");
        Random random = new Random(4);
        for (int i = 0; i < 60; i++) {
            Set<String> members = new TreeSet<>();
            for (String name : names) {
                if (random.nextInt(6) == 0) {
                    members.add("\"%s\":%s".formatted(name, SIMPLE.get(random.nextInt(SIMPLE.size()))));
                }
            }
            values.add("{" + String.join(",", members) + "}");
        }
        return values;
    }

    @Test
    void everyTextOfARandomSchemasGrammar_followsTheSchema() {
        List<String> values = values();
        int usable = 0;
        int texts = 0;
        int accepted = 0;
        for (int seed = 0; seed < SCHEMAS; seed++) {
            String text = new RandomSchema(seed).document();
            JsonSchema schema;
            try {
                schema = JsonSchema.parse(text);
            } catch (GrammarException refused) {
                continue;
            }
            usable++;
            Gbnf grammar = new Gbnf(schema.grammar());
            Validator validator = new Validator(text);
            Random random = new Random(seed);
            for (int i = 0; i < TEXTS; i++) {
                String drawn = grammar.draw(random);
                assertThat(validator.problems(drawn)).as(text + "\n" + drawn).isEmpty();
                schema.check(drawn);
                texts++;
            }
            for (String value : values) {
                boolean allowed = grammar.accepts(value);
                accepted += allowed ? 1 : 0;
                assertThat(allowed && !validator.problems(value).isEmpty())
                        .as(text + "\n" + value)
                        .isFalse();
            }
        }
        assertThat(usable).isGreaterThan(SCHEMAS * 3 / 4);
        assertThat(texts).isGreaterThan(15_000);
        assertThat(accepted).isGreaterThan(15_000);
    }

    @Test
    void finishedTexts_areJudgedAsTheOtherValidatorDoes() {
        List<String> values = values();
        for (int seed = 0; seed < SCHEMAS / 3; seed++) {
            String text = new RandomSchema(seed).document();
            JsonSchema schema;
            try {
                schema = JsonSchema.parse(text);
            } catch (GrammarException refused) {
                continue;
            }
            Validator validator = new Validator(text);
            for (String value : values) {
                boolean follows = true;
                try {
                    schema.check(value);
                } catch (GrammarException different) {
                    follows = false;
                }
                assertThat(follows)
                        .as(text + "\n" + value)
                        .isEqualTo(validator.problems(value).isEmpty());
            }
        }
    }

    @Test
    void theOtherValidator_noticesWhatIsWrong() {
        assertThat(new Validator("{\"type\": \"string\", \"format\": \"date\"}").problems("\"2023-02-29\""))
                .hasSize(1);
        assertThat(new Validator("{\"oneOf\": [{\"minimum\": 1}, {\"minimum\": 2}]}").problems("3"))
                .isNotEmpty();
    }

    @Test
    void schemasFromReports_areFollowedOrRefused() throws IOException {
        JsonNode all = new JsonMapper().readTree(Files.readString(Fixtures.require("trials/schemas.json")));
        Set<String> refused = new TreeSet<>();
        for (Map.Entry<String, JsonNode> each : all.properties()) {
            try {
                requireFollowed(each.getKey(), each.getValue().toString());
            } catch (GrammarException e) {
                assertThat(e).hasMessageContaining("it allows no value");
                refused.add(each.getKey());
            }
        }
        assertThat(refused).containsExactly("boolean-false", "empty-enum");
        requireFollowed("ek", Files.readString(Fixtures.require("trials/ek.schema.json")));
    }

    private static void requireFollowed(String name, String text) {
        JsonSchema schema = JsonSchema.parse(text);
        Gbnf grammar = new Gbnf(schema.grammar());
        Validator validator = new Validator(text);
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            String drawn = grammar.draw(random);
            assertThat(validator.problems(drawn)).as(name + " " + drawn).isEmpty();
            schema.check(drawn);
        }
    }

    @Test
    void finishedTexts_thatAreNotJsonOrDoNotFollow_areErrors() {
        JsonSchema schema = JsonSchema.parse("{\"type\": \"object\", \"required\": [\"a\"]}");
        schema.check("{\"a\": 1}");
        for (String text : List.of("", "{\"a\": ", "{\"a\": 1} and more", "hello")) {
            assertThatExceptionOfType(GrammarException.class)
                    .isThrownBy(() -> schema.check(text))
                    .withMessageStartingWith("The finished text is not JSON");
        }
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> schema.check("{\"b\": 1}"))
                .withMessage("The finished text does not follow the JSON Schema that was set.");
    }
}
