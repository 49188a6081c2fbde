package io.lethean.lem.spring;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorAutoRegistrationIT;

/** Spring AI's suite for the loop that every ChatClient has, with a script in place of a model. */
class ToolCallingAdvisorAutoRegistrationIT extends AbstractToolCallingAdvisorAutoRegistrationIT {

    @Override
    protected ChatModel getChatModel() {
        return WeatherScript.create().model().build();
    }
}
