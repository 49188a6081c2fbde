package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that would take a process down with an engine that trusts them. */
final class TemplateLimitsTest {

    /** What the limits promise to need at most, with room for what JUnit has on the stack. */
    private static final long STACK = 512 * 1024;

    private static final int MANY = 100_000;

    /** What rendering ends with on a thread with a small stack: the output, or a Throwable. */
    private static Object render(String source) {
        AtomicReference<Object> end = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        end.set(Template.parse(source)
                                .render(Map.of("text", "word ".repeat(20_000)), Limits.defaults()));
                    } catch (Throwable e) {
                        end.set(e);
                    }
                },
                "small stack",
                STACK);
        thread.setDaemon(true);
        thread.start();
        try {
            assertThat(thread.join(Duration.ofSeconds(30)))
                    .as("ends within 30 s")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return end.get();
    }

    private static void assertStopped(String source, String reason) {
        assertThat(render(source))
                .isInstanceOfSatisfying(
                        ChatTemplateException.class,
                        e -> assertThat(e)
                                .hasMessageStartingWith("The chat template was stopped at line ")
                                .hasMessageContaining(reason));
    }

    private static String nested(String open, String inside, String close, int levels) {
        return open.repeat(levels) + inside + close.repeat(levels);
    }

    private static final List<List<String>> NESTINGS = List.of(
            List.of("{{ ", "(", "1", ")", " }}"),
            List.of("{{ ", "[", "1", "]", " }}"),
            List.of("{{ ", "{1: ", "1", "}", " }}"),
            List.of("{{ ", "namespace(", "", ")", " }}"),
            List.of("{{ ", "a[", "1", "]", " }}"),
            List.of("{{ ", "a[1:", "1", "]", " }}"),
            List.of("{{ ", "1|default(", "1", ")", " }}"),
            List.of("{{ ", "1 is sameas a[", "1", "]", " }}"),
            List.of("{{ ", "not ", "1", "", " }}"),
            List.of("{{ ", "- ", "1", "", " }}"),
            List.of("{{ ", "1 if 0 else ", "1", "", " }}"),
            List.of("{{ 1", " if 1", "", "", " }}"),
            List.of("", "{% if 1 %}", "", "{% endif %}", ""),
            List.of("", "{% if 0 %}{% else %}", "", "{% endif %}", ""),
            List.of("", "{% for x in [1] %}", "", "{% endfor %}", ""),
            List.of("", "{% filter upper %}", "", "{% endfilter %}", ""),
            List.of("", "{% set x %}", "", "{% endset %}", ""),
            List.of("", "{% with x = 1 %}", "", "{% endwith %}", ""),
            List.of("", "{% generation %}", "", "{% endgeneration %}", ""),
            List.of("", "{% macro m() %}", "", "{% endmacro %}", ""),
            List.of("", "{% call m() %}", "", "{% endcall %}", ""),
            List.of("{% for ", "(", "a", ",)", " in [] %}{% endfor %}"));

    @Test
    void nestingInTheSource_isRefusedBeyondTheLimit() {
        for (List<String> parts : NESTINGS) {
            int levels = Math.min(
                    MANY, 900_000 / (parts.get(1).length() + parts.get(3).length()));
            assertStopped(
                    parts.get(0) + nested(parts.get(1), parts.get(2), parts.get(3), levels) + parts.get(4),
                    "nests deeper than 100 levels");
        }
    }

    @Test
    void nestingUpToTheLimit_fitsTheStack() {
        for (List<String> parts : NESTINGS) {
            Object end = render(parts.get(0) + nested(parts.get(1), parts.get(2), parts.get(3), 96) + parts.get(4));
            if (end instanceof Throwable e) {
                assertThat(e).isInstanceOf(ChatTemplateException.class).hasMessageNotContaining("stack");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
                "{% macro m(x=m()) %}{% endmacro %}{{ m() }}",
                "{% macro m() %}{{ caller() }}{% endmacro %}"
                        + "{% macro r() %}{% call m() %}{{ r() }}{% endcall %}{% endmacro %}{{ r() }}",
                "{% macro m() %}{% for x in [1] %}{% if 1 %}{{ [m()] }}{% endif %}{% endfor %}{% endmacro %}{{ m() }}",
                "{% macro m() %}{% set x %}{% filter upper %}{{ m() }}{% endfilter %}{% endset %}{% endmacro %}{{ m() }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
            })
    void recursion_isStopped(String source) {
        assertStopped(source, "deeper than 400 levels");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(20000) %}{% set ns.v = [ns.v] %}{% endfor %}{{ ns.v }}",
                "{% for i in range(20000) %}{% set ns.v = (ns.v,) %}{% endfor %}{{ {ns.v: 1} }}",
                "{% for i in range(20000) %}{% set ns.v = {'a': ns.v} %}{% endfor %}{{ ns.v|tojson }}",
                "{% for i in range(20000) %}{% set ns.v = [ns.v] %}{% set ns.w = [ns.w] %}{% endfor %}{{ ns.v == ns.w }}",
                "{% for i in range(20000) %}{% set ns.v = [ns.v] %}{% set ns.w = [ns.w] %}{% endfor %}{{ ns.v < ns.w }}",
                "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}",
                "{% set l = [] %}{% set _ = l.append(l) %}{{ l|tojson }}",
                "{% set d = {} %}{% set d.d = d %}{{ d }}",
            })
    void valuesInsideValues_areWalkedToTheLimitOnly(String source) {
        assertStopped("{% set ns = namespace(v=[], w=[1]) %}" + source, "deeper than 400 levels");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ range(4000000000) }}",
                "{% for i in range(4000000000) %}{% endfor %}",
                "{{ range(-9223372036854775807, 9223372036854775807) }}",
                "{{ 'x' * 10**9 }}",
                "{{ 'x' * 9223372036854775807 }}",
                "{{ [1] * 10**9 }}",
                "{{ (1,) * 10**18 }}",
                "{{ 'x'|center(10**12) }}",
                "{{ 'x'.ljust(10**12) }}",
                "{{ 'x'.zfill(10**12) }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '%*d' % (10**12, 1) }}",
                "{{ '{:1000000000}'.format(1) }}",
                "{{ '{:{}}'.format(1, 10**12) }}",
                "{{ 'x'|indent(10**12) }}",
                "{{ [1]|tojson(indent=10**12) }}",
                "{{ [1]|batch(10**12, 0) }}",
                "{{ [1]|slice(10**12) }}",
                "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(s=[1]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s='xx') %}{% for i in range(100) %}{% set ns.s = ns.s|replace('x', ns.s) %}{% endfor %}",
                "{% set ns = namespace(s='xx') %}{% for i in range(100) %}{% set ns.s = ns.s.join(ns.s) %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = '{0}{0}'.format(ns.s) %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}",
                "{% set ns = namespace(s='\"') %}{% for i in range(100) %}{% set ns.s = ns.s|tojson|e %}{% endfor %}",
                "{% set l = [1] %}{% for i in range(1000000) %}{% set _ = l.append(l + l) %}{% endfor %}",
                "{% set ns = namespace(s=text) %}{% for i in range(1000000) %}{% set ns.s = ns.s + 'x' %}{% endfor %}",
                "{% for i in range(100000) %}{% set x %}{{ text }}{% endset %}{% endfor %}",
                "{% for i in range(100000) %}{% set x = text.split() %}{% endfor %}",
                "{% for i in range(100000) %}{% set x = text|list %}{% endfor %}",
                "{% for i in range(100000) %}{% set x = text[::-1] %}{% endfor %}",
            })
    void memory_isNotTakenBeyondTheLimit(String source) {
        assertStopped(source, "creates values of more than 134217728 characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in r %}{% for b in r %}{% for c in r %}{% for d in r %}{% endfor %}{% endfor %}{% endfor %}"
                        + "{% endfor %}",
                "{% for i in range(1000000) %}{{ i in r }}{% endfor %}",
                "{% for i in range(1000000) %}{{ 'zz' in text }}{% endfor %}",
                "{% for i in range(1000000) %}{{ text == text ~ '' }}{% endfor %}",
                "{% for i in range(1000000) %}{{ text|length }}{% endfor %}",
                "{% for i in range(1000000) %}{{ text[5] }}{% endfor %}",
                "{% for i in range(1000000) %}{{ text.find('zz') }}{% endfor %}",
                "{% for i in range(1000000) %}{{ text.startswith('zz') }}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% set b = 'a' * 500000 ~ 'b' %}{{ b in a }}{{ a.count(b) }}{{ a.split(b) }}",
                "{% set ns = namespace(v='lol') %}{% for i in range(300) %}{% set ns.v = [ns.v, ns.v] %}{% endfor %}{{ ns.v }}",
                "{% macro m(n) %}{% for i in r %}{% if n %}{{ m(n - 1) }}{% endif %}{% endfor %}{% endmacro %}{{ m(20) }}",
                "{% set ns = namespace(v=1, w=1) %}{% for i in range(300) %}{% set ns.v = (ns.v, ns.v) %}"
                        + "{% set ns.w = (ns.w, ns.w) %}{% endfor %}{{ ns.v == ns.w }}",
                "{% for i in range(1000000) %}{{ '7777777777777777777777777777777777777777777777'|int }}{% for j in r %}"
                        + "{% endfor %}{% endfor %}",
            })
    void work_isNotDoneBeyondTheLimit(String source) {
        assertThat(render("{% set r = range(1000) %}" + source))
                .isInstanceOfSatisfying(
                        ChatTemplateException.class,
                        e -> assertThat(e.getMessage())
                                .containsAnyOf("takes more than 10000000 steps", "creates values of more than"));
    }

    @Test
    void output_isCutOffByAnError() {
        assertStopped("{% for i in range(1000) %}{{ text }}{% endfor %}", "output is longer than 33554432 characters");
    }

    @Test
    void sourceBeyondTheLimit_isNotRead() {
        assertThatThrownBy(() -> Template.parse("x".repeat(1_000_001)))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("The chat template has 1000001 characters, and at most 1000000 are read.");
        assertThat(render("x".repeat(1_000_000))).isEqualTo("x".repeat(1_000_000));
    }

    @Test
    void longChains_areNoNesting() {
        assertThat(render("{{ 0" + " + 1".repeat(MANY) + " }}")).isEqualTo(String.valueOf(MANY));
        assertThat(render("{{ 'x'" + "|upper".repeat(MANY) + " }}")).isEqualTo("X");
        assertThat(render("{{ ('x' ~ " + "'x' ~ ".repeat(MANY) + "'')|length }}"))
                .isEqualTo(String.valueOf(MANY + 1));
        assertThat(render("{{ undefined" + ".a".repeat(MANY) + " }}")).isEqualTo("");
        assertThat(render("{{ 1" + " and 1".repeat(MANY) + " }}")).isEqualTo("1");
        assertThat(render("{{ 1" + " == 1".repeat(MANY) + " }}")).isEqualTo("True");
        assertThat(render("{% if 0 %}" + "{% elif 0 %}".repeat(50_000) + "{% else %}x{% endif %}"))
                .isEqualTo("x");
        assertThat(render("{{ [" + "1,".repeat(MANY) + "]|length }}")).isEqualTo(String.valueOf(MANY));
        assertThat(render("{{ " + "'a' ".repeat(MANY) + "}}")).isEqualTo("a".repeat(MANY));
    }

    @Test
    void largeConversation_staysWithinTheLimits() {
        String source = """
                {% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}
                <|{{ m['role'] }}|>
                {{ m.content | trim }}{% if '<x>' in m.content %}{{ m.content.split('<x>')[-1] }}{% endif %}
                {% endfor %}""";
        Map<String, String> message = Map.of("role", "user", "content", "word ".repeat(600));
        String text = Template.parse(source)
                .render(Map.of("messages", Collections.nCopies(2000, message)), Limits.defaults());
        assertThat(text).hasSize(2000 * ("<|user|>\n".length() + 2999));
    }

    @Test
    void limitsOfTheCaller_areKept() {
        Limits tight = new Limits(40, 5, 10, 20, 100, 3);
        assertThatThrownBy(() -> Template.parse("x".repeat(41), tight)).hasMessageContaining("at most 40 are read");
        assertThatThrownBy(() -> Template.parse("{{ ((((((1)))))) }}", tight)).hasMessageContaining("deeper than 5 ");
        assertThatThrownBy(() -> Template.parse("{{ 'abcd' }}").render(Map.of(), tight))
                .hasMessageContaining("longer than 3 ");
        assertThatThrownBy(() -> Template.parse("{{ 'abcd' * 30 }}").render(Map.of(), tight))
                .hasMessageContaining("more than 100 characters");
        assertThatThrownBy(() -> Template.parse("{{ 1 + 1 }}".repeat(9)).render(Map.of(), tight))
                .hasMessageContaining("more than 20 steps");
        assertThatThrownBy(() -> new Limits(1, 1, 1, 0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 0 and must be at least 1.");
    }
}
