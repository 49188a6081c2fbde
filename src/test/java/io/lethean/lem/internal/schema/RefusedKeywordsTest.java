package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.GrammarException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not enforced is refused with its name and place; the notation is JSON with ' for ". */
class RefusedKeywordsTest {

    private static void assertRefused(String schema, String message) {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> JsonSchema.parse(schema))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uniqueItems",
                "contains",
                "minContains",
                "maxContains",
                "dependentRequired",
                "dependentSchemas",
                "dependencies",
                "unevaluatedItems",
                "unevaluatedProperties",
                "additionalItems",
                "contentEncoding",
                "contentMediaType",
                "contentSchema",
                "$dynamicRef",
                "$dynamicAnchor",
                "$recursiveRef",
                "id",
                "divisibleBy"
            })
    void keywordsThatAreNotEnforced_areNamedWithTheirPlace(String keyword) {
        assertRefused(
                "{\"properties\": {\"a/b\": {\"items\": {\"" + keyword + "\": true}}}}",
                keyword + " at #/properties/a~1b/items is not enforced");
    }

    @ParameterizedTest
    @ValueSource(strings = {"minLenght", "nullable", "requried", "Type"})
    void unknownKeywords_areNamedWithTheirPlace(String keyword) {
        assertRefused(
                "{\"anyOf\": [{\"" + keyword + "\": 1}]}",
                keyword + " at #/anyOf/0 is not a keyword of JSON Schema 2020-12");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'properties': {'m': {'format': 'email'}}} | format \"email\" at #/properties/m is not enforced",
                "{'type': 'string', 'pattern': '^(?=a)b$'}  | pattern \"^(?=a)b$\" at # is not enforced",
                "{'patternProperties': {'(': true}}         | pattern \"(\" at #/patternProperties is not enforced",
                "{'$ref': 'http://example.org/s'}           | $ref \"http://example.org/s\" at # is not followed",
                "{'$ref': '#name'}                          | $ref \"#name\" at # is not followed",
                "{'$ref': '#/$defs/a'}                      | $ref \"#/$defs/a\" at # leads to no schema",
                "{'$ref': '#/%zz'}                          | $ref \"#/%zz\" at # has a broken percent escape",
                "{'$ref': '#'}                              | the schema at # applies itself to the same value",
                "{'anyOf': [{'allOf': [{'$ref': '#'}]}, {}]} | applies itself to the same value",
                "{'items': {'$id': 'x'}}                    | $id at #/items is not enforced",
                "{'oneOf': [{'type': 'integer'}, {'type': 'number'}]} | oneOf at # is not enforced",
                "{'properties': {'a': {'oneOf': [{'required': ['a']}, {'required': ['b']}]}}} | oneOf at "
                        + "#/properties/a is not enforced",
                "{'type': 'integer', 'not': {'const': 3}}   | not at # is not enforced",
                "{'type': 'object', 'if': {'required': ['a']}, 'else': {'required': ['b']}} | if at # is not enforced",
                "{'type': 'object', 'minProperties': 2} | minProperties at # is not enforced where it takes more than one name",
                "{'type': 'string', 'pattern': '^a*$', 'maxLength': 999999} | pattern, format, minLength, "
                        + "maxLength or not at #",
                "{'type': 'integer', 'multipleOf': 999983}  | multipleOf at # needs",
                "{'minLength': 1000001}                     | minLength at # is above 1000000",
            })
    void demandsThatCannotBeHeld_areNamedWithTheirPlace(String schema, String message) {
        assertRefused(schema.replace('\'', '"'), message.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                           | is empty",
                "{                                          | is not JSON",
                "{'a': 1} {}                                | is not JSON",
                "{'type': 'null', 'type': 'null'}           | is not JSON: Duplicate",
                "[]                                         | is not an object, true or false",
                "{'type': 7}                                | type at # must be",
                "{'type': []}                               | type at # must be",
                "{'type': 'text'}                           | not \"text\"",
                "{'enum': 1}                                | enum at # must be a list of values",
                "{'minimum': '1'}                           | minimum at # must be a number",
                "{'exclusiveMinimum': true}                 | exclusiveMinimum at # must be a number",
                "{'multipleOf': 0}                          | multipleOf at # must be a number above 0",
                "{'minLength': -1}                          | minLength at # must be a whole number of at least 0",
                "{'maxItems': 1.5}                          | maxItems at # must be a whole number of at least 0",
                "{'pattern': 1}                             | pattern at # must be a text",
                "{'required': 'a'}                          | required at # must be a list of texts",
                "{'required': [1]}                          | required at # must be a list of texts",
                "{'properties': []}                         | properties at # must be an object of schemas",
                "{'properties': {'a': 1}}                   | at #/properties/a a schema is expected",
                "{'items': [{}]}                            | at #/items a schema is expected",
                "{'anyOf': []}                              | anyOf at # must be a list of schemas",
                "{'const': 1e999}                           | a number of more than 300 digits",
                "{'const': '\\ud800'}                       | half of a surrogate pair",
            })
    void malformedSchemas_areNamedWithTheirPlace(String schema, String message) {
        assertRefused(schema == null ? "" : schema.replace('\'', '"'), message.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "false",
                "{'enum': []}",
                "{'type': 'string', 'const': 1}",
                "{'type': 'integer', 'minimum': 2, 'maximum': 1}",
                "{'type': 'integer', 'exclusiveMinimum': 1, 'exclusiveMaximum': 2}",
                "{'type': 'string', 'pattern': 'a$b'}",
                "{'properties': {'a': {'$ref': '#'}}, 'required': ['a'], 'type': 'object'}",
                "{'type': 'string', 'minLength': 2, 'maxLength': 1}",
                "{'type': 'array', 'items': false, 'minItems': 1}",
                "{'type': 'object', 'required': ['a'], 'additionalProperties': false}",
                "{'allOf': [{'type': 'string'}, {'type': 'null'}]}",
                "{'type': 'object', 'required': ['a', 'b'], 'maxProperties': 1}"
            })
    void schemasThatNothingFollows_areRefused(String schema) {
        assertRefused(schema.replace('\'', '"'), "it allows no value");
    }

    @Test
    void schemasThatGrowTooLarge_areRefused() {
        String deep = "{\"items\":".repeat(70) + "{}" + "}".repeat(70);
        assertRefused(deep, "is not JSON: Document nesting depth");
        assertRefused("{\"title\": \"" + "x".repeat(1 << 20) + "\"}", "longer than 1048576");
        String branches = "{\"anyOf\": [{\"minimum\": 1}, {\"minimum\": 2}, {\"minimum\": 3}]}";
        assertRefused("{\"allOf\": [" + (branches + ",").repeat(9) + branches + "]}", "combine in more than 5000 ways");
        String names = IntStream.range(0, 9000)
                .mapToObj(i -> "\"" + "n".repeat(90) + i + "\": {\"type\": \"null\"}")
                .collect(Collectors.joining(","));
        assertRefused("{\"properties\": {" + names + "}}", "its grammar would be longer than 1 MiB");
        String chain = IntStream.range(0, 2000)
                .mapToObj(i -> "\"" + i + "\": {\"$ref\": \"#/$defs/" + (i + 1) + "\"}")
                .collect(Collectors.joining(","));
        assertRefused("{\"$ref\": \"#/$defs/0\", \"$defs\": {" + chain + ", \"2000\": {}}}", "more than 500 schemas");
    }

    @Test
    void schemasThatLeadToTheSameOneInVeryManyWays_areSmallGrammars() {
        String doubling = IntStream.range(1, 60)
                .mapToObj(i -> "\"d" + i + "\": {\"allOf\": [{\"$ref\": \"#/$defs/d" + (i - 1)
                        + "\"}, {\"$ref\": \"#/$defs/d" + (i - 1) + "\"}]}")
                .collect(Collectors.joining(","));
        JsonSchema schema = JsonSchema.parse("{\"$ref\": \"#/$defs/d59\", \"enum\": [1, \"a\"], \"$defs\": {"
                + "\"d0\": {\"type\": \"string\"}, " + doubling + "}}");
        assertThat(schema.grammar()).hasSizeLessThan(400);
        schema.check("\"a\"");
    }
}
