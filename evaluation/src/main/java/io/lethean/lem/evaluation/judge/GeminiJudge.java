package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.internal.io.PythonJson;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Gemini as a judge, by its {@code generateContent} method at temperature 0.1, as published. */
public final class GeminiJudge {

    /** The model of the published scores. */
    public static final String DEFAULT_MODEL = "gemini-2.0-flash";

    /** Where the key is taken from. */
    public static final String KEY_VARIABLE = "GEMINI_API_KEY";

    private static final URI SERVICE = URI.create("https://generativelanguage.googleapis.com");

    private GeminiJudge() {}

    /**
     * {@return a judge with the key from the environment}
     *
     * @param model the name of the model, such as {@code gemini-2.0-flash}
     * @param options rate, timeout and length of replies
     * @throws JudgeException if there is no key
     */
    public static Judge fromEnvironment(String model, JudgeOptions options) {
        return of(SERVICE, model, System.getenv(KEY_VARIABLE), options);
    }

    static Judge of(URI service, String model, @Nullable String value, JudgeOptions options) {
        String key = Secrets.key(value, KEY_VARIABLE);
        if (key.isEmpty()) {
            throw new JudgeException("The judge " + model + " needs a key; set " + KEY_VARIABLE
                    + ", or choose another judge, openai=URL or local=FILE.");
        }
        String segment = URLEncoder.encode(model.replaceFirst("\\Amodels/", ""), StandardCharsets.UTF_8);
        URI address = service.resolve("/v1beta/models/" + segment + ":generateContent");
        Map<String, String> headers = Map.of("x-goog-api-key", key);
        return new HttpJudge(
                model, new JudgeService(address, headers, new Secrets(key, address)), new Format(), options);
    }

    private static final class Format implements ReplyFormat {

        @Override
        public String request(String prompt, int maxTokens) {
            return PythonJson.write(Map.of(
                    "contents", List.of(Map.of("role", "user", "parts", List.of(Map.of("text", prompt)))),
                    "generationConfig",
                            Map.of(
                                    "temperature",
                                    0.1,
                                    "maxOutputTokens",
                                    maxTokens,
                                    "responseMimeType",
                                    "application/json")));
        }

        @Override
        public String text(JsonNode response) throws UnusableReplyException {
            StringBuilder text = new StringBuilder();
            for (JsonNode part : response.at("/candidates/0/content/parts")) {
                if (!part.path("thought").asBoolean(false)) {
                    text.append(part.path("text").asString(""));
                }
            }
            if (text.isEmpty()) {
                String reason = response.at("/promptFeedback/blockReason").asString("");
                String finish = response.at("/candidates/0/finishReason").asString("no reason given");
                String fault = "it gave no text (" + (reason.isEmpty() ? finish : "blocked: " + reason) + ")";
                throw finish.equals("MAX_TOKENS")
                        ? UnusableReplyException.cutShort(fault)
                        : new UnusableReplyException(fault);
            }
            return text.toString();
        }
    }
}
