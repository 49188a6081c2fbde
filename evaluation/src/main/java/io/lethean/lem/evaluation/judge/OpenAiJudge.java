package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.score.Judge;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model with an OpenAI-compatible {@code chat/completions} as a judge, at temperature 0.1 if it accepts that. */
public final class OpenAiJudge {

    /** Where a key is taken from, if the service requires one. */
    public static final String KEY_VARIABLE = "LEM_JUDGE_API_KEY";

    private OpenAiJudge() {}

    /**
     * {@return a judge at an address such as {@code http://localhost:8080}, {@code https://host/v1} or the full address
     * of the method; the key, if there is one, is in the environment}
     *
     * @param address the address of the API
     * @param model the name of the model at this address; may be empty
     * @param options rate, timeout and length of replies
     * @throws JudgeException if the address is not one of http or https, or the key cannot be sent
     */
    public static Judge fromEnvironment(String address, String model, JudgeOptions options) {
        return of(address, model, System.getenv(KEY_VARIABLE), options);
    }

    static Judge of(String address, String model, @Nullable String key, JudgeOptions options) {
        URI method = JudgeAddress.chatCompletions(address);
        String secret = Secrets.key(key, KEY_VARIABLE);
        Map<String, String> headers = secret.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + secret);
        return new HttpJudge(
                model,
                new JudgeService(method, headers, new Secrets(secret, method)),
                new OpenAiFormat(model),
                options);
    }
}
