package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.jinja.ChatTemplate.Rendered;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every turn of a conversation is in the rendered text, or the conversation is refused by the number of the turn. */
final class TurnGuardTest {

    private static final String PARTS = "{% for m in messages %}<{{ m.role }}>{% for part in m['content'] %}"
            + "{% if part['type'] == 'text' %}{{ part['text'] }}{% elif part['type'] == 'image' %}<image>{% endif %}"
            + "{% endfor %}</>{% endfor %}";
    private static final String STRINGS = "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}";

    private static final List<Message> CONVERSATION =
            List.of(Message.system("Be kind."), Message.user("Hello"), Message.assistant("Hi"), Message.user("More"));

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(Optional.of(source), "odd.gguf", SpecialTokens.none());
    }

    private static Rendered render(String source, Message... messages) {
        return template(source).render(List.of(messages), false);
    }

    private static void assertRefused(String source, String turn, Message... messages) {
        assertThatThrownBy(() -> render(source, messages))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template of odd.gguf leaves out " + turn)
                .hasMessageEndingWith(
                        "Put a template that shows message.content of every turn into the file, or use another model"
                                + " file.");
    }

    @Test
    void templateThatReadsParts_getsParts() {
        assertThat(template(PARTS).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<system>Be kind.</><user>Hello</><assistant>Hi</><user>More</>", false));
    }

    @Test
    void templateThatFailsOnText_getsParts() {
        assertThat(render("{% for m in messages %}{{ m.content[0].get('text') }};{% endfor %}", Message.user("Hello")))
                .isEqualTo(new Rendered("Hello;", false));
        assertThat(render(
                        "{% for m in messages %}{% if m.content is string %}{{ raise_exception('a list, please') }}"
                                + "{% endif %}{{ m.content[0].text }};{% endfor %}",
                        Message.user("Hello")))
                .isEqualTo(new Rendered("Hello;", false));
    }

    @Test
    void templateThatReadsPartsOfUsersOnly_getsPartsOfUsersOnly() {
        String source = "{% for m in messages %}<{{ m.role }}>{% if m.role == 'user' %}{{ m.content[0]['text'] }}"
                + "{% else %}{{ m.content }}{% endif %}</>{% endfor %}";
        assertThat(template(source).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<system>Be kind.</><user>Hello</><assistant>Hi</><user>More</>", false));
    }

    @Test
    void partsThatArePrintedInsteadOfRead_areNotTheFormOfTheTemplate() {
        String dropsSystem =
                "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";
        assertThat(template(dropsSystem).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<user>Be kind.\n\nHello</><assistant>Hi</><user>More</>", true));
        assertRefused(
                "{% for m in messages %}{{ m.content if m.role == 'user' else m.content | tojson if m.content is not"
                        + " string }}{% endfor %}",
                "turn 2 (assistant) of 2, ", Message.user("Hello"), Message.assistant("Hi"));
    }

    @Test
    void templateThatReadsParts_andHasNoSystemRole_getsBothForms() {
        String source = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + PARTS;
        assertThat(template(source).render(CONVERSATION, false))
                .isEqualTo(new Rendered("<user>Be kind.\n\nHello</><assistant>Hi</><user>More</>", true));
    }

    @Test
    void templateThatReadsAnotherMember_isRefused() {
        for (String member : List.of("m.text", "m.value", "m['contents']", "m.message.content")) {
            assertRefused(
                    "{% for m in messages %}<{{ m.role }}>{{ " + member + " }}</>{% endfor %}",
                    "turn 1 (user) of 1, ",
                    Message.user("Hello"));
        }
    }

    @Test
    void refusal_namesTheFirstTurnAndCountsTheOthers() {
        assertRefused(
                "{% for m in messages[-2:] %}{{ m.content }};{% endfor %}",
                "turn 1 (user) and 1 more of 4, ",
                Message.user("One"),
                Message.assistant("Two"),
                Message.user("Three"),
                Message.assistant("Four"));
        assertRefused(
                "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}",
                "turn 2 (assistant) of 3, ", Message.user("One"), Message.assistant("Two"), Message.user("Three"));
    }

    @Test
    void turnsWithTheSameText_areToldApart() {
        Message[] yes = {Message.user("yes"), Message.assistant("yes"), Message.user("yes")};
        assertThat(render(STRINGS, yes).text()).isEqualTo("<user>yes</><assistant>yes</><user>yes</>");
        assertRefused("{{ messages[0].content }}{{ messages[2].content }}", "turn 2 (assistant) of 3, ", yes);
    }

    @Test
    void contentThatTheTemplateSaysItself_isNoticedWhenItIsLost() {
        assertRefused("You are a helpful user. {{ bos_token }}", "turn 1 (user) of 1, ", Message.user("helpful user"));
    }

    @Test
    void blankTurn_hasNothingToLose() {
        String skipsBlank = "{% for m in messages if m.content | trim %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";
        assertThat(render(skipsBlank, Message.user("a"), Message.assistant(" \n"), Message.user("b"))
                        .text())
                .isEqualTo("<user>a</><user>b</>");
        assertThat(render(PARTS, Message.user("a"), Message.assistant("")).text())
                .isEqualTo("<user>a</><assistant></>");
    }

    @Test
    void changedContent_isNotLost() {
        String odd = "  \u00fcber \"q\" & <b>\n\tcode()\u00a0 ";
        for (String filter : List.of("trim", "tojson", "e", "upper", "replace('\n', ' ')", "indent(4)", "title")) {
            String text = render("{{ messages[0].content | " + filter + " }}", Message.user(odd))
                    .text();
            assertThat(text).as(filter).isNotBlank();
        }
    }

    @Test
    void contentThatIsCutShort_isRefused() {
        String text = "One two three four five six seven eight.";
        assertRefused("{{ messages[0].content[:30] }}", "a part of turn 1 (user) of 1, ", Message.user(text));
        assertRefused("{{ messages[0].content[4:] }}", "a part of turn 1 (user) of 1, ", Message.user(text));
        assertRefused(
                "{{ messages[0].content.split('\\n')[0] }}", "a part of turn 1 (user) of 1, ", Message.user("a\nb\nc"));
        assertThat(render("{{ messages[0].content[:30] }}", Message.user("One two three"))
                        .text())
                .isEqualTo("One two three");
    }

    @Test
    void reasoningOfAssistants_mayBeLeftOut_andTheRestMayNot() {
        String source =
                "{% for m in messages %}<{{ m.role }}>{{ m.content.split('</think>')[-1] | trim }}</>{% endfor %}";
        assertThat(render(source, Message.user("a"), Message.assistant("<think>\nhm\n</think>\n\nb"))
                        .text())
                .isEqualTo("<user>a</><assistant>b</>");
        assertThat(render(source, Message.user("a"), Message.assistant("<think>\nhm\n</think>\n\n"))
                        .text())
                .isEqualTo("<user>a</><assistant></>");
        assertRefused(
                source.replace("[-1]", "[0]"),
                "a part of turn 2 (assistant) of 2, ",
                Message.user("a"),
                Message.assistant("<think>\nhm\n</think>\n\nb"));
        assertRefused(source, "a part of turn 1 (user) of 1, ", Message.user("Explain </think> to me."));
    }

    @Test
    void templateThatLooksIntoContents_isJudgedByTheContents() {
        String demanding = "{% for m in messages %}{% if 'please' not in m.content %}{{ raise_exception('manners') }}"
                + "{% endif %}{{ m.content }};{% endfor %}";
        assertThat(render(demanding, Message.user("Sing, please"), Message.assistant("No, please"))
                        .text())
                .isEqualTo("Sing, please;No, please;");
        String shows =
                "{% for m in messages %}{% if m.content.startswith('!') %}{{ m.content }};{% endif %}{% endfor %}";
        assertThat(render(shows, Message.user("!Hello"), Message.assistant("!Hi"))
                        .text())
                .isEqualTo("!Hello;!Hi;");
        assertRefused(shows, "turn 1 (user) of 2, ", Message.user("Hello"), Message.assistant("!Hi"));
    }

    @Test
    void generationBlocks_showTheirTurns() {
        String source = "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
                + "{% endgeneration %}{% else %}{{ m.content }}{% endif %};{% endfor %}";
        assertThat(render(source, Message.user("a"), Message.assistant("b")).text())
                .isEqualTo("a;b;");
    }

    @Test
    void formDependsOnTheConversation_andNotOnEarlierOnes() {
        String source = "{% if messages | length > 2 %}" + PARTS + "{% else %}" + STRINGS + "{% endif %}";
        ChatTemplate template = template(source);
        List<String> texts = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            texts.add(template.render(CONVERSATION.subList(1, 2), false).text());
            texts.add(template.render(CONVERSATION, false).text());
        }
        String whole = "<system>Be kind.</><user>Hello</><assistant>Hi</><user>More</>";
        assertThat(texts).containsExactly("<user>Hello</>", whole, "<user>Hello</>", whole);
    }

    @Test
    void emptyTemplate_isRefused() {
        assertRefused("", "turn 1 (user) of 1, ", Message.user("Hello"));
        assertRefused(" \n", "turn 1 (user) of 1, ", Message.user("Hello"));
    }

    @Test
    void eachShapeIsFoundOutOnce_howeverManyConversationsHaveIt() {
        int[] renderings = {0};
        TurnGuard guard = new TurnGuard(
                (turns, variables, prompt) -> {
                    renderings[0]++;
                    return turns.toString();
                },
                "counted.gguf");
        List<Message> first = new ArrayList<>();
        List<Message> second = new ArrayList<>();
        for (int turn = 0; turn < 2000; turn++) {
            first.add(new Message(turn % 2 == 0 ? "user" : "assistant", "first " + turn));
            second.add(new Message(turn % 2 == 0 ? "user" : "assistant", "second " + turn));
        }
        assertThat(guard.render(new ChatInput(first, TemplateVariables.NONE, true))
                        .text())
                .contains("content=first 1999");
        assertThat(renderings[0]).isEqualTo(2);
        assertThat(guard.render(new ChatInput(second, TemplateVariables.NONE, true))
                        .text())
                .contains("content=second 1999");
        assertThat(renderings[0]).isEqualTo(3);
        guard.render(new ChatInput(second, TemplateVariables.NONE, false));
        assertThat(renderings[0]).isEqualTo(5);
    }

    @Test
    void turnsInAnotherOrder_areFound() {
        assertThat(render(
                                "{% for m in messages | reverse %}{{ m.content }};{% endfor %}",
                                Message.user("a"), Message.assistant("b"), Message.user("c"))
                        .text())
                .isEqualTo("c;b;a;");
    }

    @Test
    void lostTurnOfATemplateWithoutSystemRole_isNamed() {
        assertRefused(
                "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages[0].text }}",
                "turn 1 (system) and 1 more of 2, ", Message.system("Be kind."), Message.user("Hello"));
    }
}
