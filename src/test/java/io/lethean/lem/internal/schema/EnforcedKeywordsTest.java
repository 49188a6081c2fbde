package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What single schemas allow and what not, in texts; the notation is JSON with ' for ". */
class EnforcedKeywordsTest {

    private static Gbnf grammar(String schema) {
        return new Gbnf(JsonSchema.parse(schema.replace('\'', '"')).grammar());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'minLength': 2}                                          | 'ab' 7 null [1] {'a':1} true   | '' 'a'",
                "{'type': ['string', 'null'], 'maxLength': 1}              | '' '日' '😀' '\\n' null         | 'ab' 1",
                "{'minLength': 2, 'type': 'integer'}                       | 1 -20                          | 'ab' 1.5",
                "{'maxLength': 2500, 'type': 'string'}                     | '' 'abc'                       | 'a 3",
                "{'type': 'number', 'minimum': 0.5}                        | 0.5 7 0.75                     | 0 0.49 -1",
                "{'type': 'integer', 'multipleOf': 7}                      | 0 7 -14 7000000000000          | 1 -7.0",
                "{'type': 'number', 'multipleOf': 0.25}                    | 0.25 1.5 -3                    | 0.3 0.255",
                "{'enum': ['a', 1, null, {'k': [1.5]}]} | 'a' 1 null {'k':[1.5]} | 'b' 2 {'k':[]}",
                "{'enum': ['a', 1, null], 'type': 'string'}                | 'a'                            | 1 null",
                "{'const': null}                                           | null                           | 0 ''",
                "{'const': 'a', 'enum': ['b', 'a']}                        | 'a'                            | 'b'",
                "{'type': 'string', 'format': 'date'} | '2024-02-29' '1999-12-31' | '2023-02-29' '2024-13-01'",
                "{'type': 'string', 'format': 'time'} | '23:59:59Z' '00:00:00.5+01:00' | '24:00:00Z' '12:00:00'",
                "{'type': 'string', 'format': 'date-time'}                 | '2024-02-29T01:02:03Z'         | '2024-02-29'",
                "{'type': 'integer', 'format': 'int32'} | 0 2147483647 -2147483648 | 2147483648 -2147483649 1.5 'a'",
                "{'type': 'number', 'format': 'int64'} | 9223372036854775807 -9 | 9223372036854775808 0.5",
                "{'type': 'integer', 'format': 'int64', 'minimum': 7} | 7 9223372036854775807 | 6 9223372036854775808",
                "{'type': ['integer', 'string'], 'format': 'int32'} | 7 'a' | 2147483648",
                "{'type': 'number', 'format': 'double'} | 1.5 -3 0.25 | 'a'",
                "{'type': 'number', 'format': 'float'} | 1.5 -3 0.25 | 'a'",
                "{'items': {'type': 'null'}, 'type': 'array'}              | [] [null] [null,null]          | [1]",
                "{'prefixItems': [{'const': 1}, {'const': 2}], 'type': 'array'} | [] [1] [1,2]              | [2] [1,2,3]",
                "{'prefixItems': [{'const': 1}], 'items': {'const': 2}, 'type': 'array'} | [1] [1,2,2]      | [2] [1,1]",
                "{'prefixItems': [{'const': 1}], 'items': false, 'type': 'array'} | [] [1]                  | [1,1]",
                "{'prefixItems': [{'const': 1}], 'minItems': 2, 'maxItems': 2, 'type': 'array'} | [1,'x']   | [1] [1,2,3]",
                "{'type': 'array', 'minItems': 1, 'maxItems': 2}           | [1] [1,{}]                     | [] [1,2,3]",
            })
    void valuesThatFollow_areAllowed_andNoOthers(String schema, String allowed, String others) {
        check(schema, allowed, others);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'properties': {'': {'const': 1}, 'root': {'const': 2}}, 'type': 'object'} | {} {'':1} "
                        + "{'':1,'root':2} | {'root':1} 1",
                "{'properties': {'a': {'const': 1}}, 'required': ['a']} | {'a':1} | {} {'a':1,'b':1} 3",
                "{'properties': {'a': {'const': 1}}, 'required': ['z']}    | {'z':0} {'a':1,'z':{}}         | {'a':1}",
                "{'properties': {'a': {'const': 1}}, 'additionalProperties': {'const': 2}} | {'a':1,'b':2} {'b':2} "
                        + "| {'a':2} {'b':1}",
                "{'properties': {'a': false}}                              | {}                             | {'a':1}",
                "{'patternProperties': {'^x': {'const': 1}}, 'additionalProperties': false} | {} {'x':1} "
                        + "{'xy':1,'x':1} | {'x':2} {'y':1}",
                "{'patternProperties': {'x': {'enum': [1, 2]}, 'y': {'const': 2}}} | {'x':1} {'y':2} {'xy':2} | "
                        + "{'xy':1} {'z':1}",
                "{'type': 'object', 'propertyNames': {'pattern': '^[a-c]$'}} | {} {'a':[]} | {'d':1} {'ab':1}",
                "{'type': 'object', 'properties': {'a': true, 'bb': true}, 'propertyNames': {'maxLength': 1}} | "
                        + "{'a':1} | {'bb':1}",
                "{'properties': {'a': true, 'b': true}, 'minProperties': 1} | {'a':1} {'b':1} {'a':1,'b':1} | {}",
                "{'properties': {'a': true, 'b': true}, 'maxProperties': 1} | {} {'a':1} {'b':1} | {'a':1,'b':1}",
                "{'additionalProperties': {'const': 1}, 'minProperties': 1, 'maxProperties': 2} | {'a':1} "
                        + "{'a':1,'b':1} | {} {'a':1,'b':1,'c':1}",
                "{'properties': {'a': true}, 'minProperties': 2}           | {'a':1,'b':2}                  | {'a':1}",
                "{'allOf': [{'properties': {'a': {'enum': [1, 2]}}}, {'properties': {'a': {'enum': [2, 3]}}}]} | "
                        + "{'a':2} | {'a':1} {'a':3}",
                "{'allOf': [{'properties': {'a': true}}, {'additionalProperties': false}]} | {}             | {'a':1}",
                "{'$ref': '#/$defs/s', 'maxLength': 2, '$defs': {'s': {'type': 'string', 'pattern': '^a'}}} | 'a' "
                        + "'ab' | 'b' 'abc'",
            })
    void objectsThatFollow_areAllowed_andNoOthers(String schema, String allowed, String others) {
        check(schema, allowed, others);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'anyOf': [{'type': 'null'}, {'type': 'string', 'maxLength': 1}]} | null 'a'               | 'ab' 1",
                "{'oneOf': [{'const': 1}, {'enum': [1, 2]}]}               | 2                              | 1 3",
                "{'oneOf': [{'type': 'string', 'pattern': 'a'}, {'type': 'string', 'pattern': 'b'}]} | 'a' 'bc' | 'ab' 'c'",
                "{'oneOf': [{'type': 'integer', 'maximum': 3}, {'type': 'integer', 'minimum': 4}]} | 3 4    | 3.5",
                "{'type': 'object', 'oneOf': [{'properties': {'k': {'const': 'a'}}, 'required': ['k']}, "
                        + "{'properties': {'k': {'const': 'b'}, 'n': {'const': 1}}, 'required': ['k']}]} | {'k':'a'} "
                        + "{'k':'b'} {'k':'b','n':1} | {'k':'c'} {}",
                "{'oneOf': [{'properties': {'a': {'const': 1}}, 'required': ['a']}, {'properties': {'b': {'const': "
                        + "1}}, 'required': ['b']}]} | {'a':1} {'b':1} | {'a':1,'b':1} {}",
                "{'type': 'string', 'not': {'pattern': '^a'}}              | '' 'b'                         | 'a' 'ab'",
                "{'not': {'type': ['array', 'object', 'string', 'number']}} | null true                      | 1 'a' [] {}",
                "{'properties': {'a': {'not': {}}}}                        | {}                             | {'a':1}",
                "{'if': {'type': 'string'}, 'then': {'maxLength': 1}, 'else': {'type': 'null'}} | 'a' null   | 'ab' 1",
                "{'enum': [1, 2, 3], 'not': {'const': 2}}                  | 1 3                            | 2",
                "{'type': ['boolean', 'null'], 'not': {'const': true}}     | false null                     | true",
                "{'type': 'string', 'if': {'pattern': '^a'}, 'then': {'maxLength': 1}, 'else': {'minLength': 3}} | "
                        + "'a' 'bcd' | 'ab' 'b'",
                "{'anyOf': [{'$ref': '#/$defs/n'}, {'type': 'null'}], '$defs': {'n': {'type': 'array', "
                        + "'prefixItems': [{'$ref': '#'}], 'minItems': 1}}} | null [null] [[null]] | [] [1]",
                "true                                                      | 1 'a' [{}] {'a':[null]}        | a {",
                "{'x-note': 1, 'title': 'any', '$comment': 'c', 'default': 1, 'uniqueItems': false, 'const': 1} | 1 | 2",
            })
    void combinationsThatFollow_areAllowed_andNoOthers(String schema, String allowed, String others) {
        check(schema, allowed, others);
    }

    private static void check(String schema, String allowed, String others) {
        Gbnf grammar = grammar(schema);
        for (String text : allowed.strip().split(" ")) {
            assertThat(grammar.accepts(text.replace('\'', '"'))).as(text).isTrue();
        }
        for (String text : others.strip().split(" ")) {
            assertThat(grammar.accepts(text.replace('\'', '"'))).as(text).isFalse();
        }
    }
}
