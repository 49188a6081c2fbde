package io.lethean.lem.langchain4j;

import io.lethean.lem.Message;
import java.util.List;
import java.util.stream.Collectors;

/** Says what the tests of tools in LangChain4j's suites for chat models expect a capable model to say. */
final class SuiteScript {

    private static final String WEATHER = ScriptedModel.call("getWeather", "{\"city\": \"Munich\"}");

    private SuiteScript() {}

    static Answerer answerer() {
        return ScriptedModel.saying(SuiteScript::say);
    }

    private static String say(List<Message> messages) {
        if (messages.getLast().role().equals("tool")) {
            return messages.stream()
                    .filter(message -> message.role().equals("tool"))
                    .map(Message::content)
                    .collect(Collectors.joining(", ", "The tools say: ", "."));
        }
        String question = messages.getLast().content();
        if (question.contains("time in France")) {
            return WEATHER + "\n" + ScriptedModel.call("getTime", "{\"country\": \"France\"}");
        }
        if (question.contains("get_current_time")) {
            return ScriptedModel.call("get_current_time", "{}");
        }
        if (question.contains("Munich")) {
            return WEATHER;
        }
        throw new AssertionError("The script has no answer to: " + question);
    }
}
