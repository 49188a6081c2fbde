package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.ToolChoice;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.test.options.AbstractChatOptionsTests;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;

class LemChatOptionsTest extends AbstractChatOptionsTests<LemChatOptions, LemChatOptions.Builder> {

    private static final ToolCallback TOOL = FunctionToolCallback.builder("now", (String in) -> "noon")
            .description("the time")
            .inputType(String.class)
            .build();

    @Override
    protected Class<LemChatOptions> getConcreteOptionsClass() {
        return LemChatOptions.class;
    }

    /** Every option set, which {@link #everyOption_isSetHere} checks. */
    @Override
    protected LemChatOptions.Builder readyToBuildBuilder() {
        return LemChatOptions.builder()
                .model("nano")
                .maxTokens(7)
                .temperature(0.5)
                .topK(3)
                .topP(0.9)
                .frequencyPenalty(0.1)
                .presencePenalty(0.2)
                .stopSequences(List.of("END"))
                .toolCallbacks(TOOL)
                .toolContext("user", "me")
                .outputSchema("{\"type\": \"object\"}")
                .seed(42L)
                .minP(0.05)
                .typicalP(0.95)
                .repeatPenalty(1.1)
                .repeatLastN(32)
                .logitBias(Map.of(5, -1.0))
                .logprobs(2)
                .timeLimit(Duration.ofSeconds(3))
                .promptLookup(true)
                .adapters(List.of(AdapterUse.of(Path.of("a.gguf"))))
                .grammar("root ::= \"a\"")
                .toolChoice(ToolChoice.REQUIRED)
                .parallelToolCalls(false)
                .toolCallFormat(ToolCallFormat.HERMES)
                .enableThinking(false)
                .templateVariables(Map.of("x", "y"))
                .documents(List.of(Map.of("title", "t", "text", "u")));
    }

    private static List<Method> getters() {
        return Arrays.stream(LemChatOptions.class.getMethods())
                .filter(method -> method.getName().startsWith("get") && method.getParameterCount() == 0)
                .filter(method -> !method.getName().equals("getClass") && !method.isBridge())
                .toList();
    }

    private static Object get(Method getter, LemChatOptions options) {
        try {
            return getter.invoke(options);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyOption_isSetHere() {
        LemChatOptions options = readyToBuildBuilder().build();

        assertThat(getters())
                .hasSize(28)
                .allSatisfy(getter ->
                        assertThat(get(getter, options)).as(getter.getName()).isNotNull());
    }

    @Test
    void withoutOptions_everyOneIsNull() {
        LemChatOptions options = LemChatOptions.builder().build();

        assertThat(getters())
                .allSatisfy(getter ->
                        assertThat(get(getter, options)).as(getter.getName()).isNull());
    }

    @Test
    void mutated_everyOptionRemains() {
        LemChatOptions options = readyToBuildBuilder().build();
        LemChatOptions again = options.mutate().build();

        assertThat(getters())
                .allSatisfy(getter ->
                        assertThat(get(getter, again)).as(getter.getName()).isEqualTo(get(getter, options)));
        assertThat(again).isEqualTo(options).hasSameHashCodeAs(options);
        assertThat(options.mutate().seed(43L).build()).isNotEqualTo(options);
    }

    @Test
    void combined_setOptionsOfTheOtherWin_andListsAreJoined() {
        LemChatOptions both = LemChatOptions.builder()
                .seed(1L)
                .minP(0.1)
                .temperature(1.0)
                .stopSequences(List.of("A"))
                .combineWith(LemChatOptions.builder().seed(2L).maxTokens(9).stopSequences(List.of("B")))
                .build();

        assertThat(both.getSeed()).isEqualTo(2);
        assertThat(both.getMinP()).isEqualTo(0.1);
        assertThat(both.getTemperature()).isEqualTo(1.0);
        assertThat(both.getMaxTokens()).isEqualTo(9);
        assertThat(both.getStopSequences()).containsExactly("A", "B");
    }

    @Test
    void combined_withBuildersOfSpringAi_takesWhatTheyHave() {
        LemChatOptions.Builder mine = LemChatOptions.builder().seed(1L).temperature(1.0);

        LemChatOptions plain =
                mine.clone().combineWith(ChatOptions.builder().topK(4)).build();
        LemChatOptions tools = mine.clone()
                .combineWith(ToolCallingChatOptions.builder().toolCallbacks(TOOL))
                .build();
        LemChatOptions structured = mine.clone()
                .combineWith(StructuredOutputChatOptions.builder().outputSchema("{}"))
                .build();

        assertThat(plain.getTopK()).isEqualTo(4);
        assertThat(plain.getSeed()).isEqualTo(1);
        assertThat(tools.getToolCallbacks()).containsExactly(TOOL);
        assertThat(structured.getOutputSchema()).isEqualTo("{}");
    }

    @Test
    void clonedBuilder_doesNotChangeWithTheOther() {
        LemChatOptions.Builder first = LemChatOptions.builder().seed(1L);
        LemChatOptions.Builder second = first.clone();
        second.seed(2L).stopSequences(List.of("x"));

        assertThat(first.build().getSeed()).isEqualTo(1);
        assertThat(first.build().getStopSequences()).isNull();
    }

    @Test
    void over_fillsWhatIsNotSet_andKeepsLists() {
        LemChatOptions defaults = readyToBuildBuilder().build();
        LemChatOptions given =
                LemChatOptions.builder().seed(7L).stopSequences(List.of("Z")).build();

        LemChatOptions all = LemChatOptions.over(defaults, given);

        assertThat(all.getSeed()).isEqualTo(7);
        assertThat(all.getStopSequences()).containsExactly("Z");
        assertThat(all.getMinP()).isEqualTo(0.05);
        assertThat(all.getMaxTokens()).isEqualTo(7);
        assertThat(all.getToolCallbacks()).containsExactly(TOOL);
        assertThat(all.getOutputSchema()).isNotNull();
        // What ChatClient has merged already stays as it is.
        assertThat(LemChatOptions.over(defaults, all)).isEqualTo(all);
    }

    @Test
    void over_optionsOfAnotherKind_areTaken() {
        LemChatOptions defaults = LemChatOptions.builder().seed(3L).maxTokens(5).build();

        LemChatOptions plain = LemChatOptions.over(
                defaults, ChatOptions.builder().temperature(0.3).build());
        LemChatOptions structured = LemChatOptions.over(
                defaults,
                StructuredOutputChatOptions.builder()
                        .outputSchema("{\"type\": \"string\"}")
                        .build());
        LemChatOptions tools = LemChatOptions.over(
                defaults, ToolCallingChatOptions.builder().toolCallbacks(TOOL).build());

        assertThat(plain.getTemperature()).isEqualTo(0.3);
        assertThat(plain.getSeed()).isEqualTo(3);
        assertThat(plain.getMaxTokens()).isEqualTo(5);
        assertThat(structured.getOutputSchema()).isEqualTo("{\"type\": \"string\"}");
        assertThat(tools.getToolCallbacks()).containsExactly(TOOL);
    }
}
