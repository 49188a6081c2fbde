package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.jinja.ChatTemplate.Rendered;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ChatTemplateTest {

    private static final SpecialTokens TOKENS =
            SpecialTokens.none().with("bos_token", "<s>").with("eos_token", "</s>");
    private static final String TURNS = "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}";
    private static final String NO_SYSTEM =
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TURNS;
    private static final String DROPS_SYSTEM =
            "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";

    private static final List<Message> CONVERSATION =
            List.of(Message.system("Be kind."), Message.user("Hello"), Message.assistant("Hi"), Message.user("More"));

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(Optional.of(source), "model.gguf", TOKENS);
    }

    private static ChatTemplate plain() {
        return ChatTemplate.of(Optional.empty(), "model.gguf", TOKENS);
    }

    @Test
    void template_seesMessagesTokensAndWhetherToPrompt() {
        String source = "{{ bos_token }}{{ messages }}{{ eos_token }}{{ add_generation_prompt }}"
                + "{{ tools }}{{ documents }}{{ enable_thinking is defined }}";
        assertThat(template(source).render(List.of(Message.user("x")), true))
                .isEqualTo(new Rendered("<s>[{'role': 'user', 'content': 'x'}]</s>TrueNoneNoneFalse", false));
        assertThat(template("{{ add_generation_prompt }}{{ messages[0].content }}")
                        .render(List.of(Message.user("x")), false)
                        .text())
                .isEqualTo("Falsex");
    }

    @Test
    void systemTurn_staysWhereTheTemplateTakesIt() {
        assertThat(template(TURNS).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<system>Be kind.</><user>Hello</><assistant>Hi</><user>More</>", false));
    }

    @Test
    void systemTurn_joinsTheUserTurn_whereTheTemplateRaises() {
        assertThat(template(NO_SYSTEM).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<user>Be kind.\n\nHello</><assistant>Hi</><user>More</>", true));
    }

    @Test
    void systemTurn_joinsTheUserTurn_whereTheTemplateLeavesItOut() {
        assertThat(template(DROPS_SYSTEM).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<user>Be kind.\n\nHello</><assistant>Hi</><user>More</>", true));
    }

    @Test
    void droppedSystemTurn_isNoticedEvenIfItsContentStandsElsewhere() {
        List<Message> echo = List.of(Message.system("Hello"), Message.user("Hello"));
        assertThat(template(DROPS_SYSTEM).render(echo, false)).isEqualTo(new Rendered("<user>Hello\n\nHello</>", true));
    }

    @Test
    void changedSystemTurn_isNoDroppedOne() {
        assertThat(template("{% for m in messages %}{{ m.content | tojson }}{% endfor %}")
                        .render(List.of(Message.system("a\n\"b\""), Message.user("x")), false))
                .isEqualTo(new Rendered("\"a\\n\\\"b\\\"\"\"x\"", false));
    }

    @Test
    void blankSystemTurn_mayBeDropped() {
        assertThat(template(DROPS_SYSTEM).render(List.of(Message.system(" \n"), Message.user("x")), false))
                .isEqualTo(new Rendered("<user>x</>", false));
    }

    @Test
    void severalSystemTurns_eachJoinTheNextUserTurn() {
        assertThat(template(DROPS_SYSTEM)
                        .render(
                                List.of(
                                        Message.system("a"),
                                        Message.system("b"),
                                        Message.user("c"),
                                        Message.assistant("d"),
                                        Message.system("e"),
                                        Message.user("f"),
                                        Message.system("g")),
                                false))
                .isEqualTo(new Rendered("<user>a\n\nb\n\nc</><assistant>d</><user>e\n\nf</><user>g</>", true));
    }

    @Test
    void refusalWithoutSystemTurn_isFinal() {
        assertThatThrownBy(() -> template("{{ raise_exception('never') }}").render(List.of(Message.user("x")), true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("The chat template refuses this conversation (line 1): never")
                .hasNoSuppressedExceptions();
    }

    @Test
    void refusalOfBothForms_tellsBoth() {
        assertThatThrownBy(() -> template("{{ raise_exception(messages[0].role ~ ' refused') }}")
                        .render(CONVERSATION, true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("The chat template refuses this conversation (line 1): user refused")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .satisfies(first -> assertThat(first)
                                .hasMessage("The chat template refuses this conversation (line 1): system refused")));
    }

    @Test
    void exceededLimit_isNotTriedAgain() {
        assertThatThrownBy(() -> template("{{ range(10**9) }}").render(CONVERSATION, true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template was stopped at line 1")
                .hasNoSuppressedExceptions();
    }

    @Test
    void badTemplate_isRefusedWhenItIsRead() {
        assertThatThrownBy(() -> template("{% if %}"))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template cannot be read: line 1");
    }

    @Test
    void plainForm_joinsContentsByBlankLines() {
        assertThat(plain().isPlain()).isTrue();
        assertThat(template(TURNS).isPlain()).isFalse();
        assertThat(plain().render(List.of(Message.system("Be kind."), Message.user("Hello")), true))
                .isEqualTo(new Rendered("Be kind.\n\nHello\n\n", false));
    }

    @Test
    void plainForm_endsAssistantTurns_soThatEachPromptBeginsTheTrainingText() {
        String all = plain().render(CONVERSATION, false).text();
        assertThat(all).isEqualTo("Be kind.\n\nHello\n\nHi</s>\n\nMore");
        assertThat(all)
                .startsWith(plain().render(CONVERSATION.subList(0, 2), true).text() + "Hi</s>");
        assertThat(plain().render(CONVERSATION, true).text()).isEqualTo(all + "\n\n");
    }

    @Test
    void noMessages_areTheCallersMistake() {
        assertThatThrownBy(() -> plain().render(List.of(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("add a user turn");
    }

    @Test
    void templatesOfToolsAlone_seeNoTools() {
        assertThat(template("{% for t in tools %}{% endfor %}" + TURNS)
                        .render(List.of(Message.user("x")), false)
                        .text())
                .isEqualTo("<user>x</>");
        assertThat(template("{% if tools is none and documents is none %}" + TURNS + "{% endif %}")
                        .render(List.of(Message.user("x")), false)
                        .text())
                .isEqualTo("<user>x</>");
    }

    @Test
    void specialTokens_areBoundByName_andAbsentOnesAreUndefined() {
        SpecialTokens tokens = TOKENS.with("pad_token", "<pad>").with("mask_token", "");
        String source = "{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ mask_token is defined }}"
                + "{{ unk_token is defined }}{{ messages[0].content }}";
        assertThat(ChatTemplate.of(Optional.of(source), "model.gguf", tokens)
                        .render(List.of(Message.user("x")), false)
                        .text())
                .isEqualTo("<s></s><pad>FalseFalsex");
    }
}
