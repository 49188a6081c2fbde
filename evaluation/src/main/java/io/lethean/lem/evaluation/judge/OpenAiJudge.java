package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.internal.io.PythonJson;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Any model with an OpenAI-compatible {@code /v1/chat/completions} as a judge, at temperature 0.1. */
public final class OpenAiJudge {

    /** The environment variable with the key, if the service requires one. */
    public static final String KEY_VARIABLE = "LEM_JUDGE_API_KEY";

    private static final String METHOD = "chat/completions";

    private OpenAiJudge() {}

    /**
     * A judge at an address such as {@code http://localhost:8080}, {@code https://host/v1} or the full address of the
     * method; the key, if there is one, is in the environment.
     *
     * @throws JudgeException if that is not an address
     */
    public static Judge fromEnvironment(String address, String model, JudgeOptions options) {
        return of(address, model, System.getenv(KEY_VARIABLE), options);
    }

    static Judge of(String address, String model, @Nullable String key, JudgeOptions options) {
        String secret = key == null || key.isBlank() ? "" : key;
        Map<String, String> headers = secret.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + secret);
        return new HttpJudge(model, method(address), headers, secret, new Format(model), options);
    }

    private static URI method(String address) {
        try {
            URI given = URI.create(address);
            if (given.getHost() != null && given.getScheme().matches("https?")) {
                String base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
                String version = base.endsWith("/v1") ? "/" : "/v1/";
                return base.endsWith(METHOD) ? given : URI.create(base + version + METHOD);
            }
        } catch (IllegalArgumentException e) {
            throw notAnAddress(address, e);
        }
        throw notAnAddress(address, null);
    }

    private static JudgeException notAnAddress(String address, @Nullable Exception cause) {
        return new JudgeException(
                "\"" + address + "\" is not an address of a judge; expected one such as http://localhost:8080.", cause);
    }

    private record Format(String model) implements ReplyFormat {

        @Override
        public String request(String prompt, int maxTokens) {
            return PythonJson.write(Map.of(
                    "model",
                    model,
                    "messages",
                    List.of(Map.of("role", "user", "content", prompt)),
                    "temperature",
                    0.1,
                    "max_tokens",
                    maxTokens));
        }

        @Override
        public String text(JsonNode response) throws UnusableReplyException {
            String text = response.at("/choices/0/message/content").asString("");
            if (text.isEmpty()) {
                String finish = response.at("/choices/0/finish_reason").asString("no reason given");
                throw new UnusableReplyException("it gave no text (" + finish + ")");
            }
            return text;
        }
    }
}
