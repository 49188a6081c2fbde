package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.model.ToolChoice;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.tool.annotation.Tool;

class ChatClientTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    record City(String name, int people) {}

    /** Tools as applications write them. */
    static final class Clock {
        int calls;

        @Tool(description = "Says what time it is in a city.")
        String time(String city) {
            calls++;
            return "noon in " + city;
        }
    }

    @Test
    void content_andStream() {
        Script script = Script.saying("one two three");
        ChatClient client = ChatClient.create(script.model().build());

        assertThat(client.prompt().system("Count.").user("Go").call().content()).isEqualTo("one two three");
        assertThat(client.prompt("Go").stream().content().collectList().block(SOON))
                .containsExactly("one ", "two ", "three");
        assertThat(script.asked.getFirst().messages()).containsExactly(Message.system("Count."), Message.user("Go"));
    }

    @Test
    void entity_withProviderStructuredOutput_holdsTheAnswerToTheSchema() {
        Script script = Script.saying("{\"name\": \"Oslo\", \"people\": 700000}");
        ChatClient client = ChatClient.create(script.model().build());

        City city = client.prompt("Name a city.").call().entity(City.class, spec -> spec.useProviderStructuredOutput());

        assertThat(city).isEqualTo(new City("Oslo", 700000));
        assertThat(script.asked.getFirst().options().jsonSchema())
                .hasValueSatisfying(schema -> assertThat(schema).contains("\"people\""));
        assertThat(script.asked.getFirst().messages()).containsExactly(Message.user("Name a city."));
    }

    @Test
    void entity_withoutIt_asksInWords() {
        Script script = Script.saying("{\"name\": \"Oslo\", \"people\": 700000}");

        City city = ChatClient.create(script.model().build())
                .prompt("Name a city.")
                .call()
                .entity(City.class);

        assertThat(city).isEqualTo(new City("Oslo", 700000));
        assertThat(script.asked.getFirst().options().jsonSchema()).isEmpty();
        assertThat(script.asked.getFirst().messages().getFirst().content()).contains("JSON Schema");
    }

    private static Script clockReader() {
        return new Script(request -> request.messages().getLast().role().equals("tool")
                ? Script.words("It is " + request.messages().getLast().content())
                : Script.calls(new ToolCall("1", "time", "{\"city\": \"Oslo\"}")));
    }

    @Test
    void tools_areRunByTheClient_inCallsAndStreams() {
        Clock clock = new Clock();
        Script script = clockReader();
        ChatClient client = ChatClient.create(script.model().build());

        String answer = client.prompt("What time is it?").tools(clock).call().content();
        List<String> pieces = client.prompt("What time is it?").tools(clock).stream()
                .content()
                .collectList()
                .block(SOON);

        assertThat(answer).isEqualTo("It is \"noon in Oslo\"");
        assertThat(String.join("", pieces)).isEqualTo(answer);
        assertThat(clock.calls).isEqualTo(2);
        assertThat(script.asked).hasSize(4);
        assertThat(script.asked.get(1).messages().get(1).toolCalls())
                .containsExactly(new ToolCall("1", "time", "{\"city\": \"Oslo\"}"));
        assertThat(script.asked.get(1).messages().get(2).toolCallId()).contains("1");
    }

    @Test
    void demandedCall_isDemandedOnce() {
        Script script = clockReader();

        ChatClient.create(script.model().build())
                .prompt("What time is it?")
                .options(LemChatOptions.builder().toolChoice(ToolChoice.REQUIRED))
                .tools(new Clock())
                .call()
                .content();

        assertThat(script.asked)
                .extracting(each -> each.chatOptions().orElseThrow().toolChoice())
                .containsExactly(ToolChoice.REQUIRED, ToolChoice.AUTO);
    }

    @Test
    void toolsAndSchemaTogether_areRefused() {
        ChatClient client = ChatClient.create(clockReader().model().build());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.prompt("What time is it?")
                        .tools(new Clock())
                        .call()
                        .entity(City.class, spec -> spec.useProviderStructuredOutput()))
                .withMessageContaining("cannot call a tool");
    }

    @Test
    void memory_bringsEarlierTurns() {
        Script script = Script.saying("Good.");
        ChatMemory memory = MessageWindowChatMemory.builder().build();
        ChatClient client = ChatClient.builder(script.model().build())
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build())
                .build();

        for (String said : List.of("My name is Ada.", "Who am I?")) {
            client.prompt(said)
                    .advisors(advisor -> advisor.param(ChatMemory.CONVERSATION_ID, "one"))
                    .call()
                    .content();
        }
        client.prompt("Who am I?")
                .advisors(advisor -> advisor.param(ChatMemory.CONVERSATION_ID, "other"))
                .call()
                .content();

        assertThat(script.asked.get(1).messages())
                .containsExactly(
                        Message.user("My name is Ada."), Message.assistant("Good."), Message.user("Who am I?"));
        assertThat(script.asked.get(2).messages()).containsExactly(Message.user("Who am I?"));
    }

    @Test
    void optionsOfARequest_addToThoseOfTheModel() {
        Script script = Script.saying("yes");
        LemChatModel model = script.model()
                .options(LemChatOptions.builder()
                        .seed(3L)
                        .stopSequences(List.of("A"))
                        .build())
                .build();

        ChatClient.create(model)
                .prompt("Go")
                .options(LemChatOptions.builder().minP(0.2).stopSequences(List.of("B")))
                .call()
                .content();

        assertThat(script.asked.getFirst().options().sampling().seed()).hasValue(3);
        assertThat(script.asked.getFirst().options().sampling().minP()).isEqualTo(0.2);
        assertThat(script.asked.getFirst().options().stop()).containsExactly("A", "B");
    }
}
