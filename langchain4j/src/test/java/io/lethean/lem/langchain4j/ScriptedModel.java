package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.Capability;
import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.schema.JsonSchema;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.model.ToolChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A model with random weights that says what a script wants: a grammar allows this text only. Everything else is as with any model:
 * the template is given messages and tools, the text comes token by token, and calls are read from it.
 */
final class ScriptedModel {

    /** ChatML with tools in the form of Hermes and Qwen, and thoughts. */
    private static final String TEMPLATE = """
            {%- if tools %}<|im_start|>system
            {%- for tool in tools %}
            {{ tool | tojson }}
            {%- endfor %}
            Write calls as <tool_call>{"name": NAME, "arguments": OBJECT}</tool_call>.<|im_end|>
            {% endif %}
            {%- for message in messages %}<|im_start|>{{ message.role }}
            {%- if message.reasoning_content %}<think>
            {{ message.reasoning_content }}
            </think>{% endif %}
            {{ message.content }}
            {%- for call in message.tool_calls or [] %}
            <tool_call>
            {"name": {{ call.function.name | tojson }}, "arguments": {{ call.function.arguments | tojson }}}
            </tool_call>
            {%- endfor %}<|im_end|>
            {% endfor %}
            {%- if add_generation_prompt %}<|im_start|>assistant
            {%- if enable_thinking is defined and not enable_thinking %}
            <think>

            </think>
            {% endif %}
            {% endif %}""";

    private static final class Loaded {
        static final LemModel MODEL = load();

        private static LemModel load() {
            try {
                Path folder = Files.createTempDirectory("lem-langchain4j");
                Path file = folder.resolve("scripted.gguf");
                RandomModel.llama(1, 32, 2, 1, 64, 400)
                        .contextLength(8192)
                        .chatTemplate(TEMPLATE)
                        .write(file, 1);
                file.toFile().deleteOnExit();
                folder.toFile().deleteOnExit();
                return LemModel.load(
                        file,
                        ModelOptions.builder()
                                .device("cpu")
                                .threads(1)
                                .contextTokens(8192)
                                .build());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private ScriptedModel() {}

    static LemModel model() {
        return Loaded.MODEL;
    }

    static ChatSettings settings() {
        return settings(LemChatRequestParameters.EMPTY);
    }

    static ChatSettings settings(LemChatRequestParameters parameters) {
        return new ChatSettings("scripted", parameters, List.of(), Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA));
    }

    /** An answerer of {@link #model()} that says what the script makes of the messages. */
    static Answerer saying(Function<List<Message>, String> script) {
        return answering(request -> script.apply(request.messages()));
    }

    /** An answerer of {@link #model()} that says what the script makes of the request. */
    static Answerer answering(Function<GenerationRequest.Chat, String> script) {
        return new Answerer(model(), request -> scripted(request, script.apply(request)));
    }

    /** The text of a call. */
    static String call(String name, String arguments) {
        return "<tool_call>\n{\"name\": \"" + name + "\", \"arguments\": " + arguments + "}\n</tool_call>";
    }

    /** The request, with a grammar in place of the demands that the text is checked to meet. */
    private static GenerationRequest.Chat scripted(GenerationRequest.Chat request, String text) {
        request.options().jsonSchema().ifPresent(schema -> requireSchema(request, schema, text));
        ChatOptions chat = request.chatOptions().orElseThrow();
        if (chat.toolChoice().demandsCall()) {
            if (!text.startsWith("<tool_call>")) {
                throw new AssertionError("A call is demanded, and the script says: " + text);
            }
            chat = chat.toBuilder().toolChoice(ToolChoice.AUTO).build();
        }
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(4000)
                .grammar("root ::= " + literal(text))
                .build();
        return new GenerationRequest.Chat(request.messages(), Optional.of(chat), options);
    }

    /** The text follows the schema, and the model takes the schema as it is. */
    private static void requireSchema(GenerationRequest.Chat request, String schema, String text) {
        JsonSchema.parse(schema).check(text);
        GenerationOptions first =
                GenerationOptions.builder().maxTokens(1).jsonSchema(schema).build();
        model().generate(
                        new GenerationRequest.Chat(request.messages(), request.chatOptions(), first),
                        piece -> {},
                        new Cancellation());
    }

    private static String literal(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
