package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class SavedMessageTest {

    private static String json(Message message) {
        return JsonMapper.shared().writeValueAsString(SavedMessage.write(message));
    }

    @Test
    void plainTurn_hasRoleAndContentAlone() {
        assertThat(json(Message.user("x"))).isEqualTo("{\"role\":\"user\",\"content\":\"x\"}");
    }

    @Test
    void callsResultsAndThoughts_areReadAsTheyWereWritten() {
        for (Message message : List.of(
                Message.system("a"),
                Message.assistant("b", List.of(new ToolCall("1", "f", "{\"x\": 1}"), new ToolCall("", "g", "{}"))),
                Message.assistant("c").withThinking("d"),
                Message.tool("1", "e"))) {
            assertThat(SavedMessage.read(JsonMapper.shared().readTree(json(message))))
                    .isEqualTo(message);
        }
    }
}
