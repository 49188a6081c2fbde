package io.lethean.lem.spring;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorIT;

/** Spring AI's suite for the loop of calls and results, with a script in place of a model. */
class ToolCallingAdvisorIT extends AbstractToolCallingAdvisorIT {

    @Override
    protected ChatModel getChatModel() {
        return WeatherScript.create().model().build();
    }
}
