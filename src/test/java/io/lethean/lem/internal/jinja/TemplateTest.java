package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The language, construct by construct. Expected is what Jinja2 3.1 prints, unless a test says otherwise. */
final class TemplateTest {

    private static String render(String source) {
        return Template.parse(source).render(Map.of(), Limits.defaults());
    }

    private static void assertRenders(String source, String expected) {
        assertThat(render(source)).as(source).isEqualTo(expected);
    }

    private static void assertFails(String source, String message) {
        assertThatThrownBy(() -> render(source))
                .as(source)
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage(message);
    }

    @Test
    void blocks_dropTheNewlineBehindThemAndTheBlanksBeforeThem() {
        assertRenders("a\n  {% if true %}\n    b\n  {% endif %}\nc", "a\n    b\nc");
        assertRenders("a  {% if true %}  b  {% endif %}  c", "a    b    c");
        assertRenders("  {# note #}\n  x {# note #}\ny", "  x y");
        assertRenders("{{ 1 }}\n{{ 2 }}\n", "1\n2");
        assertRenders("  {{ 1 }}  ", "  1  ");
        assertRenders("{% if true %}\n\nx{% endif %}\n\ny", "\nx\ny");
    }

    @Test
    void minus_dropsAllWhiteSpaceOnItsSide() {
        assertRenders("a \n {{- 1 -}} \n b", "a1b");
        assertRenders("a \n {%- if true -%} \n b \n {%- endif -%} \n c", "abc");
        assertRenders("a \n {#- note -#} \n b", "ab");
        assertRenders("a\u2003{{- 1 }}", "a1");
        assertRenders("{% for i in [1, 2] -%}\n  {{ i }}\n{%- endfor %}", "12");
    }

    @Test
    void plus_keepsWhiteSpace() {
        assertRenders("  {%+ if true %}x{% endif %}", "  x");
        assertRenders("{% if true +%}\nx{% endif %}", "\nx");
    }

    @Test
    void lineEnds_areNewlines_andTheLastOneIsDropped() {
        assertRenders("a\r\nb\rc\r\n", "a\nb\nc");
        assertRenders("a\n\n", "a\n");
    }

    @Test
    void raw_isNotRead() {
        assertRenders("{% raw %}{{ x }}{% if %}{# #}{% endraw %}", "{{ x }}{% if %}{# #}");
        assertRenders("a {%- raw -%}  {% y %}  {%- endraw -%} b", "a{% y %}b");
    }

    @Test
    void braces_insideTags_areNoTagEnds() {
        assertRenders("{{ {'a': {'b': 1}}}}", "{'a': {'b': 1}}");
        assertRenders("{{ '}}' }}{% set x = '%}' %}{{ x }}", "}}%}");
        assertRenders("}} %} # {", "}} %} # {");
    }

    @Test
    void literals_areThoseOfPython() {
        assertRenders(
                "{{ 0x1f }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1.5e3 }} {{ 1E-2 }}", "31 5 15 1000 1500.0 0.01");
        assertRenders("{{ 'a' \"b\" }}{{ '\\'' }}{{ \"\\u00e9\\x41\\101\\q\\N{BULLET}\" }}", "ab'\u00e9AA\\q\u2022");
        assertRenders(
                "{{ [1, 'a', none, true, 2.0] }} {{ (1,) }} {{ () }} {{ 1, 2 }}",
                "[1, 'a', None, True, 2.0] (1,) () (1, 2)");
        assertRenders("{{ {'a': 1, 2: [none]} }} {{ {'a': 1, 'a': 2} }}", "{'a': 1, 2: [None]} {'a': 2}");
    }

    @Test
    void strings_insideValues_areQuotedAsPythonDoes() {
        assertRenders(
                "{{ ['a\"b', \"it's\", \"both'\\\"\", '\\n\\t\\\\', '\\x01\u00e9\\u200b'] }}",
                "['a\"b', \"it's\", 'both\\'\"', '\\n\\t\\\\', '\\x01\u00e9\\u200b']");
    }

    @Test
    void floats_printTheShortestDigits() {
        assertRenders(
                "{{ 1.0 }} {{ 1e16 }} {{ 1e-5 }} {{ 0.0001 }} {{ 1/3 }} {{ 0.1 + 0.2 }} {{ " + "123456789012345.678 }}",
                "1.0 1e+16 1e-05 0.0001 0.3333333333333333 0.30000000000000004 123456789012345.67");
    }

    @Test
    void arithmetic_isThatOfPython() {
        assertRenders(
                "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 5 % -3 }} {{ 7 / 2 }} {{ 6 / 3 }} {{ -7.5 % 2 }}",
                "3 -4 2 -1 3.5 2.0 0.5");
        assertRenders(
                "{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ 1 + 2 * 3 - 4 / 2 }} {{ true + 1 }}",
                "1024 0.5 64 5.0 2");
        assertRenders(
                "{{ 'ab' * 2 }} {{ [1] * 2 }} {{ 'a' * -1 }}| {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'a' + 'b' }}",
                "abab [1, 1] | [1, 2] (1, 2) ab");
    }

    @Test
    void tilde_joinsWhatIsPrinted() {
        assertRenders("{{ 'a' ~ 1 ~ none ~ true ~ 1.5 ~ [1] ~ missing }}", "a1NoneTrue1.5[1]");
        assertRenders("{{ 'a' ~ 'b'|upper }} {{ ('a' ~ 'b')|upper }}", "aB AB");
    }

    @Test
    void comparisons_chainAndMixNumbers() {
        assertRenders(
                "{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 == 1.0 }} {{ 1 == true }} {{ 'a' == 1 }} {{ none " + "== none }}",
                "True False True True False True");
        assertRenders(
                "{{ [1, 2] == [1, 2] }} {{ (1,) == [1] }} {{ {'a': 1} == {'a': 1.0} }} {{ [1, 2] < [1, 3] }}",
                "True False True True");
        assertRenders("{{ 'Z' < 'a' }} {{ '\\U0001F600' > '\\uffff' }} {{ not true == false }}", "True True True");
    }

    @Test
    void in_looksIntoStringsSequencesAndKeys() {
        assertRenders(
                "{{ 'b' in 'abc' }} {{ 1 in [1.0] }} {{ 'a' in {'a': 1} }} {{ 'x' not in 'abc' }} {{ 3 "
                        + "in range(5) }}",
                "True True True True True");
        assertRenders("{{ 'a' in missing }} {{ missing in ['a'] }} {{ missing in {'a': 1} }}", "False False False");
    }

    @Test
    void andOr_giveTheDecidingOperand() {
        assertRenders(
                "{{ 0 or 'a' }} {{ 'a' and '' }}| {{ none or [] }} {{ 1 and 2 }} {{ not not 'x' }}", "a | [] 2 True");
    }

    @Test
    void emptiness_isFalse() {
        assertRenders(
                "{% for x in [0, 0.0, '', [], {}, (), none, false, missing] %}{{ 1 if x else 0 }}{% endfor %}",
                "000000000");
        assertRenders(
                "{% for x in [1, -0.5, ' ', [0], {0: 0}, (0,), true] %}{{ 1 if x else 0 }}{% endfor %}", "1111111");
    }

    @Test
    void conditional_withoutElse_isUndefined() {
        assertRenders(
                "{{ 1 if false }}|{{ 'a' if false else 'b' if false else 'c' }}|{{ (1 if false) is defined }}",
                "|c|False");
    }

    @Test
    void slices_takeSignedBoundsAndSteps() {
        assertRenders(
                "{{ [1,2,3][::-1] }} {{ 'abc'[::-1] }} {{ (1,2)[0:1] }} {{ [1,2,3,4,5][1:4:2] }}",
                "[3, 2, 1] cba (1,) [2, 4]");
        assertRenders(
                "{{ [1,2,3][-2:] }} {{ [1,2,3][:-2] }} {{ [1,2,3,4,5][4:0:-2] }} {{ [1,2,3][-1:-5:-1] }}",
                "[2, 3] [1] [5, 3] [3, 2, 1]");
        assertRenders(
                "{{ 'hello'[10:] }}|{{ 'hello'[-100:2] }}|{{ 'abc'[:none] }}|{{ 'abcdef'[-1::-2] }}|{{ 5[1:] }}",
                "|he|abc|fdb|");
    }

    @Test
    void characters_areCodePoints() {
        assertRenders(
                "{% set s = '\uD83D\uDE00x' %}{{ s|length }} {{ s[0] }} {{ s[::-1] }} {{ '\u00e9'[0] }}",
                "2 \uD83D\uDE00 x\uD83D\uDE00 \u00e9");
        assertRenders("{% for c in '\uD83D\uDE00x' %}[{{ c }}]{% endfor %}", "[\uD83D\uDE00][x]");
    }

    @Test
    void members_areMethodsFirst_elementsAreEntriesFirst() {
        assertRenders(
                "{% set d = {'items': 1, 'a': {'b': 2}} %}{{ d['items'] }} {{ d.items()|length }} {{ "
                        + "d.a.b }} {{ d['a']['b'] }}",
                "1 2 2 2");
        assertRenders(
                "{{ [1, 2].0 }} {{ [1, 2][-1] }} {{ 'ab'.1 }} {{ {1: 'x'}[true] }} {{ {(1, 2): 3}[(1, 2)] }}",
                "1 2 b x 3");
    }

    @Test
    void undefined_printsNothing_andItsMembersAreUndefined() {
        assertRenders(
                "[{{ missing }}{{ missing.a.b }}{{ none.a }}{{ [1][5] }}{{ {}['k'] }}{{ 5[0] }}{{ 'x'.foo }}]", "[]");
        assertRenders(
                "{{ missing is defined }} {{ missing is undefined }} {{ missing == other }} {{ missing " + "== none }}",
                "False True True False");
        assertRenders(
                "{{ missing|length }} {{ missing|list }} {{ missing|upper }}| {{ missing|join }}| {{ "
                        + "missing|items|list }}",
                "0 [] | | []");
    }

    /** Jinja2 refuses these; llama.cpp does not, and published templates rely on it. */
    @Test
    void leniencies_areThoseOfLlamaCpp() {
        assertRenders("{{ 'a' + missing }}{{ missing + 'b' }}{{ 'c' + none }}", "abc");
        assertRenders("{% set l = [1] %}{% set _ = l.append(2) %}{{ l }} {{ l.pop(0) }} {{ l }}", "[1, 2] 1 [2]");
        assertRenders("{% set d = {'a': 1} %}{% set d.b = 2 %}{{ d }}", "{'a': 1, 'b': 2}");
    }

    @Test
    void if_takesTheFirstTrueBranch() {
        assertRenders(
                "{% if 0 %}a{% elif 1 %}b{% elif 1 %}c{% else %}d{% endif %}{% if [] %}{% else %}e{% endif %}", "be");
        assertRenders("{% if 1 %}{% set v = 1 %}{% endif %}{{ v }}", "1");
    }

    @Test
    void for_knowsItsPlace() {
        assertRenders(
                "{% for x in 'ab' %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}"
                        + "{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}"
                        + "{{ loop.cycle('x', 'y') }}{{ loop.changed(x) }};{% endfor %}",
                "1021TrueFalse2bxTrue;2110FalseTrue2ayTrue;");
    }

    @Test
    void for_filtersBeforeItCounts() {
        assertRenders(
                "{% for x in [1, 2, 3] if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% endfor %}",
                "1/2:2 2/2:3 ");
        assertRenders(
                "{% for x in [1] if false %}a{% else %}none{% endfor %}{% for x in missing %}{% else "
                        + "%}!{% endfor %}",
                "none!");
    }

    @Test
    void for_unpacks() {
        assertRenders("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}", "a1b2");
        assertRenders("{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "123");
        assertRenders("{% for k in {'a': 1} %}{{ k }}{% endfor %}", "a");
    }

    @Test
    void breakAndContinue_leaveAndSkip_andElseFollowsIfNoPassEnded() {
        assertRenders(
                "{% for x in [1, 2, 3] %}{{ x }}{% if x == 2 %}{% break %}{% endif %}{% else %}E{% endfor %}", "12");
        assertRenders("{% for x in [1, 2, 3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "13");
        assertRenders("{% for x in [1, 2] %}{% break %}{% else %}E{% endfor %}", "E");
    }

    @Test
    void assignmentsInALoop_stayInTheirPass_unlessInANamespace() {
        assertRenders("{% set x = 0 %}{% for i in [1, 2, 3] %}{{ x }}{% set x = x + 1 %}{% endfor %}{{ x }}", "0000");
        assertRenders("{% for i in [1, 2] %}{{ y }}{% set y = i %}{% endfor %}", "");
        assertRenders(
                "{% set ns = namespace({'k': 1}, n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}"
                        + "{% endfor %}{{ ns.n }}{{ ns.k }}{{ ns['n'] }}",
                "313");
    }

    @Test
    void recursiveLoop_rendersItsBodyForChildren() {
        assertRenders(
                "{% for x in [{'n': 1, 'c': [{'n': 2, 'c': []}]}] recursive %}"
                        + "{{ x.n }}{{ loop.depth }}[{{ loop(x.c) }}]{% endfor %}",
                "11[22[]]");
    }

    @Test
    void macros_takeArgumentsByPositionNameAndDefault() {
        assertRenders(
                "{% macro m(a, b=2) %}{{ a }}{{ b }};{% endmacro %}{{ m(1) }}{{ m() }}{{ m(1, b=3) }}{{ "
                        + "m(b=5, a=4) }}",
                "12;2;13;45;");
        assertRenders("{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(3) }}{{ m(*[1, 2]) }}{{ m(**{'a': 4}) }}", "324");
        assertRenders(
                "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}{{ m.name }}",
                "(1, 2){'x': 3}m");
    }

    @Test
    void macros_seeWhereTheyStand() {
        assertRenders("{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}", "1");
        assertRenders("{% macro m() %}{{ i }}{% endmacro %}{% for i in [1] %}{{ m() }}{% endfor %}", "");
        assertRenders("{% macro m() %}{% set x = 3 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}", "3");
        assertRenders("{% macro m(n) %}{{ n }}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "3210");
    }

    @Test
    void call_givesItsBodyAsCaller() {
        assertRenders(
                "{% macro m() %}[{{ caller('x') }}]{% endmacro %}{% call(z, r=7) m() %}{{ z }}{{ r }}{% "
                        + "endcall %}",
                "[x7]");
        assertRenders(
                "{% macro m() %}{{ caller() if caller else 'no' }}{% endmacro %}{{ m() }}{% call m() "
                        + "%}yes{% endcall %}",
                "noyes");
    }

    @Test
    void setBlocks_takeTextAndFilters_andKeepAssignmentsInside() {
        assertRenders("{% set x | upper | trim %} a{% set z = 1 %} {% endset %}[{{ x }}{{ z }}]", "[A]");
        assertRenders("{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (a, b) = 'xy' %}{{ a }}{{ b }}", "12xy");
    }

    @Test
    void blocksOfTheirOwnScope_keepAssignmentsInside() {
        assertRenders("{% filter upper %}a{{ 'b' }}{% set z = 1 %}{% endfilter %}{{ z }}", "AB");
        assertRenders("{% with a = 1, b = 2 %}{{ a }}{{ b }}{% set c = 3 %}{% endwith %}{{ a }}{{ c }}", "12");
        assertRenders("{% with a = 1 %}{% with a = 2, b = a %}{{ b }}{% endwith %}{% endwith %}", "1");
        assertRenders("{% generation %}x{% set z = 1 %}{% endgeneration %}{{ z }}", "x");
    }

    @Test
    void textFilters_doWhatJinjaSays() {
        assertRenders(
                "{{ \"it's x-y (z\"|title }} {{ \"it's x\".title() }} {{ 'hELLO'|capitalize }} {{ "
                        + "'\u00df'|upper }}",
                "It's X-Y (Z It'S X Hello SS");
        assertRenders("{{ '  a '|trim }}|{{ 'xxaxx'|trim('x') }}|{{ '\\u00a0a\\u2003'|trim }}|{{ 5|trim }}", "a|a|a|5");
        assertRenders(
                "{{ 'aaa'|replace('a', 'b', 2) }} {{ 'abc'|replace('', '-') }} {{ 123|replace(2, 'x') }}",
                "bba -a-b-c- 1x3");
        assertRenders(
                "{{ 'a\\nb\\n\\nc\\n'|indent(2) }}|{{ 'a\\n\\nb'|indent(2, true, blank=true) }}|{{ "
                        + "'a\\nb'|indent('>') }}",
                "a\n  b\n\n  c\n|  a\n  \n  b|a\n>b");
        assertRenders(
                "{{ 'foo bar baz qux'|truncate(9) }} {{ 'foo bar baz qux'|truncate(9, true) }} {{ 'a b-c "
                        + "d_e'|wordcount }}",
                "foo... foo ba... 4");
        assertRenders(
                "{{ '<a href=\"x\">&'|e }} {{ 'a'|safe }} {{ 'abc'|center(9) }}| {{ 'abc'|reverse }}",
                "&lt;a href=&#34;x&#34;&gt;&amp; a    abc   | cba");
    }

    @Test
    void sequenceFilters_doWhatJinjaSays() {
        assertRenders(
                "{{ ['b', 'A', 'a']|sort }} {{ ['b', 'A']|sort(case_sensitive=true) }} {{ [3, "
                        + "1]|sort(reverse=true) }}",
                "['A', 'a', 'b'] ['A', 'b'] [3, 1]");
        assertRenders(
                "{{ [{'a': {'b': 2}}, {'a': {'b': 1}}]|sort(attribute='a.b') }}", "[{'a': {'b': 1}}, {'a': {'b': 2}}]");
        assertRenders(
                "{{ {'b': 1, 'A': 2}|dictsort }} {{ {'b': 1, 'A': 2}|dictsort(by='value', reverse=true) }}",
                "[('A', 2), ('b', 1)] [('A', 2), ('b', 1)]");
        assertRenders(
                "{{ [1, none]|join('-') }} {{ [{'a': 1}, {'a': 2}]|join(',', attribute='a') }} {{ "
                        + "'abc'|join('.') }}",
                "1-None 1,2 a.b.c");
        assertRenders(
                "{{ [1, 2]|sum }} {{ [{'a': 1}]|sum(attribute='a') }} {{ [[1], [2]]|sum(start=[]) }} {{ "
                        + "['b', 'A']|min }}",
                "3 1 [1, 2] A");
        assertRenders(
                "{{ ['a', 'A', 1, 1.0]|unique|list }} {{ [1, 2, 3]|batch(2, 0)|list }} {{ [1, 2, "
                        + "3]|slice(2)|list }}",
                "['a', 1] [[1, 2], [3, 0]] [[1, 2], [3]]");
        assertRenders(
                "{% for g in [{'a': 2}, {'a': 1}, {'a': 2}]|groupby('a') %}{{ g.grouper }}:{{ "
                        + "g.list|length }} {% endfor %}",
                "1:1 2:2 ");
        assertRenders(
                "{{ [1, 2]|first }} {{ 'ab'|last }} {{ []|first }}| {{ {'a': 1}|items|list }} {{ (1, "
                        + "2)|reverse|list }}",
                "1 b | [('a', 1)] [2, 1]");
    }

    @Test
    void selections_applyTestsAndFilters() {
        assertRenders(
                "{{ [1, 2, 3]|select('odd')|list }} {{ [1, 2, 3]|reject('>', 1)|list }} {{ [0, 1, "
                        + "'']|select|list }}",
                "[1, 3] [1] [1]");
        assertRenders(
                "{{ [{'a': 1}, {'b': 2}]|selectattr('a')|list }} {{ [{'a': 1}, {'a': 2}]|rejectattr('a', "
                        + "'equalto', 1)|list }}",
                "[{'a': 1}] [{'a': 2}]");
        assertRenders(
                "{{ ['a', 'b']|map('upper')|join }} {{ [{'a': 1}, {}]|map(attribute='a', default=0)|list }}"
                        + " {{ ['ab']|map('replace', 'a', 'b')|list }} {{ none|map('upper')|list }}",
                "AB [1, 0] ['bb'] []");
    }

    @Test
    void valueFilters_doWhatJinjaSays() {
        assertRenders(
                "{{ ''|default('d') }}|{{ ''|default('d', true) }}|{{ missing|d('x') }}|{{ none|default('x') }}",
                "|d|x|None");
        assertRenders(
                "{{ '12'|int + 1 }} {{ '3.7'|int }} {{ 'x'|int(5) }} {{ 'ff'|int(base=16) }} {{ ' 1_0 "
                        + "'|int }} {{ '1e3'|float }}",
                "13 3 5 255 10 1000.0");
        assertRenders(
                "{{ 2.5|round }} {{ 2.675|round(2) }} {{ 2.1|round(0, 'ceil') }} {{ -5|abs }} {{ 5|round }}",
                "2.0 2.67 3.0 5 5");
        assertRenders(
                "{{ [1, 'a']|string }} {{ 5|string + 'a' }} {{ {'a': 1}|length }} {{ {'a': 1}|list }}",
                "[1, 'a'] 5a 1 ['a']");
    }

    @Test
    void tojson_writesAsHuggingFaceDoes() {
        assertRenders(
                "{{ {'a': '\u00e9<', 'b': [1, none, true, 1.0]}|tojson }}",
                "{\"a\": \"\u00e9<\", \"b\": [1, null, true, 1.0]}");
        assertRenders("{{ 'q\"\\\\\\n\\x01/\\x7f'|tojson }}", "\"q\\\"\\\\\\n\\u0001/\u007f\"");
        assertRenders(
                "{{ {'a': [], 'b': [1, {'c': 2}]}|tojson(indent=2) }}",
                "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {\n      \"c\": 2\n    }\n  ]\n}");
        assertRenders(
                "{{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }} {{ {'a': [1, 2]}|tojson(separators=(',', ':')) }}",
                "{\"a\": 2, \"b\": 1} {\"a\":[1,2]}");
        assertRenders(
                "{{ '\u00e9\uD83D\uDE00'|tojson(ensure_ascii=true) }} {{ {1: 2, none: 3, 1.5: 4}|tojson }}",
                "\"\\u00e9\\ud83d\\ude00\" {\"1\": 2, \"null\": 3, \"1.5\": 4}");
    }

    @Test
    void tests_askAboutTypesAndValues() {
        assertRenders(
                "{{ 'a' is string }} {{ {} is mapping }} {{ {} is iterable }} {{ 1 is iterable }} {{ "
                        + "none is none }}",
                "True True True False True");
        assertRenders(
                "{{ true is number }} {{ true is integer }} {{ 1 is true }} {{ 3 is odd }} {{ 9 is "
                        + "divisibleby 3 }}",
                "True False False True True");
        assertRenders(
                "{{ 'a' is in ['a'] }} {{ 5 is not none }} {{ 1 is eq 1 and 2 is ge(2) }} {{ 'abc' is "
                        + "lower }} {{ 'A1' is upper }}",
                "True True True True True");
        assertRenders(
                "{{ range is callable }} {{ 'upper' is filter }} {{ 'odd' is test }} {{ [] is sameas [] }}",
                "True True True False");
    }

    @Test
    void stringMethods_areThoseOfPython() {
        assertRenders(
                "{{ 'a,b,c'.split(',', 1) }} {{ ' a  b '.split() }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a "
                        + "b  c '.split(none, 1) }}",
                "['a', 'b,c'] ['a', 'b'] ['a,b', 'c'] ['a', 'b  c ']");
        assertRenders(
                "{{ ''.split() }} {{ ''.split(',') }} {{ 'a\\nb\\r\\nc\\n'.splitlines() }} {{ "
                        + "'a=b=c'.rpartition('=') }}",
                "[] [''] ['a', 'b', 'c'] ('a=b', '=', 'c')");
        assertRenders(
                "{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ 'abcba'.strip('ab') }}|{{ ','.join(['a', 'b']) }}",
                "a | a|c|a,b");
        assertRenders(
                "{{ 'hello'.find('l') }} {{ 'hello'.rfind('l') }} {{ 'hello'.find('z') }}"
                        + " {{ 'hello'.find('l', 3) }} {{ 'hello'.count('l') }} {{ 'hello'.startswith(('x', 'h')) }}"
                        + " {{ 'hello'.endswith('l', 0, 4) }}",
                "2 3 -1 3 2 True True");
        assertRenders(
                "{{ 'ab'.center(5) }}|{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3, '.') }}|{{ '-5'.zfill(4) }}",
                "  ab |a  |..a|-005");
        assertRenders(
                "{{ '12'.isdigit() }} {{ 'Ab'.istitle() }} {{ ' '.isspace() }} {{ 'x'.removeprefix('x') "
                        + "}}| {{ 'aB'.swapcase() }}",
                "True True True | Ab");
    }

    @Test
    void braceFormat_isThatOfPython() {
        assertRenders(
                "{{ '{} {}'.format(1, 'x') }} {{ '{0}{1}{0}'.format('a', 'b') }} {{ '{a}'.format(a=1) }} "
                        + "{{ '{{}}'.format() }}",
                "1 x aba 1 {}");
        assertRenders(
                "{{ '{:>3}|{:<3}|{:^3}|{:*^5}|{:{}}|'.format('x', 'y', 'z', 'w', 'v', 3) }}", "  x|y  | z |**w**|v  |");
        assertRenders(
                "{{ '{:.2f} {:05d} {:,} {:#x} {:%} {:e} {:+} {:g}'.format(3.14159, 42, 1234567, 255, "
                        + "0.5, 1234.5, 3, 1e10) }}",
                "3.14 00042 1,234,567 0xff 50.000000% 1.234500e+03 +3 1e+10");
        assertRenders("{{ '{0[0]} {1[k]}'.format([9], {'k': 8}) }} {{ '{!r}'.format('a') }}", "9 8 'a'");
    }

    @Test
    void percentFormat_isThatOfPython() {
        assertRenders(
                "{{ 'a%sb' % 'x' }} {{ '%d-%s' % (1, 'y') }} {{ '%(a)s' % {'a': 1} }} {{ "
                        + "'%5.2f|'|format(3.14159) }}",
                "axb 1-y 1  3.14|");
        assertRenders(
                "{{ '%05d|%-5s|%+d|%x|%e|%g|%%|%r|%c' % (42, 'a', 3, 255, 12345.678, 0.00001, 'q', 'z') }}",
                "00042|a    |+3|ff|1.234568e+04|1e-05|%|'q'|z");
    }

    @Test
    void globals_areThere() {
        assertRenders(
                "{{ range(3)|list }} {{ range(5, 0, -2)|list }} {{ dict(a=1) }} {{ dict([('a', 1)], b=2) }}",
                "[0, 1, 2] [5, 3, 1] {'a': 1} {'a': 1, 'b': 2}");
        assertRenders(
                "{% set j = joiner('-') %}{{ j() }}a{{ j() }}b {% set c = cycler(1, 2) %}{{ c.next() "
                        + "}}{{ c.next() }}{{ c.next() }}",
                "a-b 121");
    }

    @Test
    void time_isThatOfTheClock() {
        Clock clock = Clock.fixed(Instant.ofEpochSecond(1_760_000_000), ZoneId.of("UTC"));
        String format = "%Y-%m-%d %H:%M:%S %d %B %b %A %a %y %j %p %I %e|%-d|%U %W %V %G %u %w %Z %z %% %c %x %X";
        String source = "{{ strftime_now('" + format + "') }}";
        assertThat(Template.parse(source).render(Map.of(), Limits.defaults(), clock))
                .isEqualTo(
                        "2025-10-09 08:53:20 09 October Oct Thursday Thu 25 282 AM 08  9|9|40 40 41 2025 4 4 UTC +0000 % "
                                + "Thu Oct  9 08:53:20 2025 10/09/25 08:53:20");
        Clock summer = Clock.fixed(Instant.ofEpochSecond(1_750_000_000), ZoneId.of("Europe/Berlin"));
        assertThat(Template.parse("{{ strftime_now('%H %Z %z') }}").render(Map.of(), Limits.defaults(), summer))
                .isEqualTo("17 CEST +0200");
    }

    @Test
    void context_becomesValues_andStaysAsItWas() {
        Map<String, Object> message = new LinkedHashMap<>(Map.of("content", "x"));
        Map<String, Object> context = new HashMap<>();
        context.put("s", "a");
        context.put("n", 1);
        context.put("f", 1.5f);
        context.put("t", true);
        context.put("nothing", null);
        context.put("list", Arrays.asList(1L, null, message));
        String source = "{{ s }}{{ n }}{{ f }}{{ t }}{{ nothing }}{{ list }}{% set list[0] %}{% endset %}";
        assertThatThrownBy(() -> Template.parse(source)).isInstanceOf(ChatTemplateException.class);
        assertThat(Template.parse("{{ s }} {{ n }} {{ f }} {{ t }} {{ nothing }} {{ list }}"
                                + "{% set m = list[2] %}{% set m.content = 'y' %}"
                                + " {{ list.append(1) }}{{ list|length }}{{ list[2].content }}")
                        .render(context, Limits.defaults()))
                .isEqualTo("a 1 1.5 True None [1, None, {'content': 'x'}] None4y");
        assertThat(message).isEqualTo(Map.of("content", "x"));
        assertThatThrownBy(() -> Template.parse("x").render(Map.of("o", new Object()), Limits.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Object");
        assertThatThrownBy(() -> Template.parse("x").render(Map.of("o", Map.of(1, 2)), Limits.defaults()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void raisedException_isTheTemplatesOwnMessage() {
        assertFails(
                "a\n{{ raise_exception('System role not supported') }}",
                "The chat template refuses this conversation (line 2): System role not supported");
    }

    @Test
    void failures_nameTheLineAndTheReason() {
        assertFails(
                "a\n\n{{ missing() }}",
                "The chat template fails at line 3: " + "'missing' is undefined, so it cannot be called.");
        assertFails(
                "{% set x = 1 %}\n{{ x.foo() }}",
                "The chat template fails at line 2: " + "'foo' is undefined, so it cannot be called.");
        assertFails("{{ 'a' < 1 }}", "The chat template fails at line 1: a string and an integer have no order.");
        assertFails(
                "{{ 1 + 'a' }}",
                "The chat template fails at line 1: '+' has no meaning between an integer and a string.");
        assertFails("{{ 1 / 0 }}", "The chat template fails at line 1: a number is divided by zero.");
        assertFails("{{ 2 ** 64 }}", "The chat template fails at line 1: the result of '**' does not fit 64 bits.");
        assertFails("{{ 'a'|frobnicate }}", "The chat template fails at line 1: there is no filter 'frobnicate'.");
        assertFails("{{ 'a' is weird }}", "The chat template fails at line 1: there is no test 'weird'.");
        assertFails(
                "{% for x in 5 %}{% endfor %}",
                "The chat template fails at line 1: an integer cannot be iterated over.");
        assertFails(
                "{% for a, b in [[1]] %}{% endfor %}",
                "The chat template fails at line 1: 1 values are assigned to 2 names.");
        assertFails("{{ {[]: 1} }}", "The chat template fails at line 1: a list cannot be the key of a mapping.");
        assertFails(
                "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
                "The chat template fails at line 1: " + "the macro 'm' takes 1 arguments and is given 2.");
        assertFails(
                "{% macro m(a) %}{% endmacro %}{{ m(b=1) }}",
                "The chat template fails at line 1: " + "the macro 'm' has no parameter 'b'.");
        assertFails(
                "{{ 'a'|indent(width='x', height=1) }}",
                "The chat template fails at line 1: " + "'indent' has no use for an argument named 'height'.");
        assertFails("{{ '%d' % 'x' }}", "The chat template fails at line 1: a number is needed and a string is found.");
        assertFails(
                "{{ missing|tojson }}",
                "The chat template fails at line 1: 'missing' is undefined and has no JSON form.");
        assertFails(
                "{% macro m() %}\n{{ 1 }}\n{% endmacro %}\n{{ m() }}{{ none.x() }}",
                "The chat template fails at line 4: " + "'x' is undefined, so it cannot be called.");
    }

    @Test
    void badSource_isRefusedWithItsLine() {
        for (String[] bad : List.of(
                new String[] {"a\n{{ 1", "line 2, a tag has no end }}"},
                new String[] {"{{ 'abc }}", "line 1, a string has no end '"},
                new String[] {"{# abc", "line 1, a comment has no end #}"},
                new String[] {"{% raw %}abc", "line 1, a raw block has no end"},
                new String[] {"{{ }}", "line 1, an expression is expected and }} is found"},
                new String[] {"{{ a b }}", "line 1, }} is expected and 'b' is found"},
                new String[] {"{{ (1 }}", "line 1, '}' closes nothing"},
                new String[] {"{{ 1 ? 2 }}", "line 1, the character '?' means nothing here"},
                new String[] {
                    "{% if 1 %}\n",
                    "line 1, the tag elif or else or endif is expected and the end of the template is found"
                },
                new String[] {"{% endif %}", "line 1, the tag 'endif' is unknown"},
                new String[] {
                    "{% for x in y %}{% endif %}",
                    "line 1, the tag 'endif' is unknown here, where endfor or else is awaited"
                },
                new String[] {
                    "{% include 'x' %}",
                    "line 1, the tag 'include' needs other templates, and a chat template stands alone"
                },
                new String[] {"{% break %}", "line 1, the tag 'break' stands outside of a loop"},
                new String[] {
                    "{% for x in y %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
                    "line 1, the tag 'break' stands outside of a loop"
                },
                new String[] {"{% set true = 1 %}", "line 1, 'true' is a constant and cannot be assigned to"},
                new String[] {"{% set 1 = 1 %}", "line 1, a name is expected and '1' is found"},
                new String[] {"{{ f(a=1, 2) }}", "line 1, an argument by position follows one by name"},
                new String[] {
                    "{{ 99999999999999999999 }}", "line 1, the integer '99999999999999999999' does not fit 64 bits"
                },
                new String[] {
                    "{{ '\\xg0' }}", "line 1, a string has a \\x, \\u or \\U without a character's number after it"
                },
                new String[] {"{% call x %}{% endcall %}", "line 1, the tag 'call' needs a call"})) {
            assertThatThrownBy(() -> Template.parse(bad[0]))
                    .as(bad[0])
                    .isInstanceOf(ChatTemplateException.class)
                    .hasMessage("The chat template cannot be read: " + bad[1] + ".");
        }
    }
}
