package io.lethean.lem.evaluation.judge;

import io.lethean.lem.internal.io.PythonJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The method {@code chat/completions} of OpenAI and of the services that copy it.
 *
 * <p>The first requests have {@code max_tokens} and temperature 0.1. If a service refuses one of them by name, later
 * requests have {@code max_completion_tokens}, or no temperature. Each change is made once.
 */
final class OpenAiFormat implements ReplyFormat {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern MAX_TOKENS = Pattern.compile("(?<![A-Za-z_])max_tokens(?![A-Za-z_])");
    private static final Pattern TEMPERATURE = Pattern.compile("(?<![A-Za-z_])temperature(?![A-Za-z_])");
    private static final int LONGEST_REFUSAL = 120;

    private final String model;
    private volatile boolean completionTokens;
    private volatile boolean withoutTemperature;

    OpenAiFormat(String model) {
        this.model = model;
    }

    @Override
    public String request(String prompt, int maxTokens) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("model", model);
        request.put("messages", List.of(Map.of("role", "user", "content", prompt)));
        if (!withoutTemperature) {
            request.put("temperature", 0.1);
        }
        request.put(completionTokens ? "max_completion_tokens" : "max_tokens", maxTokens);
        return PythonJson.write(request);
    }

    @Override
    public void adapt(String refusal) {
        String named = named(refusal);
        completionTokens |= MAX_TOKENS.matcher(named).find();
        withoutTemperature |= TEMPERATURE.matcher(named).find();
    }

    /** Where a refusal names what it is about: in {@code error.param}, else anywhere. */
    private static String named(String refusal) {
        try {
            String parameter = JSON.readTree(refusal).at("/error/param").asString("");
            return parameter.isEmpty() ? refusal : parameter;
        } catch (JacksonException e) {
            return refusal;
        }
    }

    @Override
    public String text(JsonNode response) throws UnusableReplyException {
        JsonNode message = response.at("/choices/0/message");
        String text = text(message.path("content"), new StringBuilder()).toString();
        if (!text.isBlank()) {
            return text;
        }
        String finish = response.at("/choices/0/finish_reason").asString("no reason given");
        String refusal = message.path("refusal").asString("");
        String error = response.at("/error/message").asString("");
        if (!refusal.isEmpty()) {
            throw new UnusableReplyException("it refused (" + beginning(refusal) + ")");
        }
        if (!error.isEmpty()) {
            throw new UnusableReplyException("it reported an error (" + beginning(error) + ")");
        }
        boolean reasoned = message.hasNonNull("reasoning_content") || message.hasNonNull("reasoning");
        String fault = (reasoned ? "it gave reasoning and no text (" : "it gave no text (") + finish + ")";
        throw finish.equals("length") ? UnusableReplyException.cutShort(fault) : new UnusableReplyException(fault);
    }

    /** Content is a text, or a list of parts, of which those with reasoning are left out. */
    private static StringBuilder text(JsonNode content, StringBuilder text) {
        if (content.isString()) {
            return text.append(content.stringValue());
        }
        if (content.isArray()) {
            content.forEach(part -> text(part, text));
        } else if (content.isObject() && isText(content.path("type").asString("text"))) {
            text(content.path("text"), text);
        }
        return text;
    }

    private static boolean isText(String type) {
        return type.equals("text") || type.equals("output_text");
    }

    private static String beginning(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= LONGEST_REFUSAL ? line : line.substring(0, LONGEST_REFUSAL) + "...";
    }
}
