package io.lethean.lem.evaluation.judge;

import io.lethean.lem.hub.HubName;
import java.nio.file.Path;
import java.util.Locale;

/** Which judge is meant, as it is written on a command line. */
public sealed interface JudgeSpec {

    /**
     * Gemini; its key is in {@code GEMINI_API_KEY}.
     *
     * @param model such as {@code gemini-2.0-flash}
     */
    record Gemini(String model) implements JudgeSpec {}

    /**
     * A service with OpenAI's API; its key, if it requires one, is in {@code LEM_JUDGE_API_KEY}.
     *
     * @param address such as {@code http://localhost:8080}
     * @param model what the service calls the model
     */
    record OpenAi(String address, String model) implements JudgeSpec {}

    /**
     * A model in this process.
     *
     * @param file its GGUF file, or its name on the hub, which {@code Hub.locateModel} turns into a file
     */
    record Local(Path file) implements JudgeSpec {}

    /**
     * Reads {@code gemini[=MODEL]}, {@code openai=URL[#MODEL]} or {@code local=FILE}; an address alone is the second,
     * and what ends in {@code .gguf} or begins with {@code hf:} the third.
     *
     * @param text what a user gave as a judge
     * @return which judge is meant
     * @throws IllegalArgumentException if it has another form
     */
    static JudgeSpec parse(String text) {
        if (text.strip().toLowerCase(Locale.ROOT).matches("(?s)https?://.*")) {
            return openAi(text);
        }
        int equals = text.indexOf('=');
        String kind = equals < 0 ? text : text.substring(0, equals);
        String rest = equals < 0 ? "" : text.substring(equals + 1);
        return switch (kind) {
            case "gemini" -> new Gemini(rest.isEmpty() ? GeminiJudge.DEFAULT_MODEL : rest);
            case "openai" -> openAi(required(text, rest));
            case "local" -> new Local(Path.of(required(text, rest)));
            default -> local(text);
        };
    }

    private static Local local(String text) {
        if (!text.endsWith(".gguf") && !HubName.isHubName(text)) {
            throw unknown(text);
        }
        return new Local(Path.of(text));
    }

    private static OpenAi openAi(String rest) {
        int hash = rest.indexOf('#');
        String address = hash < 0 ? rest : rest.substring(0, hash);
        String model = hash < 0 ? "" : rest.substring(hash + 1).strip();
        return new OpenAi(address.strip(), model.isEmpty() ? "default" : model);
    }

    private static String required(String text, String rest) {
        if (rest.isEmpty()) {
            throw unknown(text);
        }
        return rest;
    }

    private static IllegalArgumentException unknown(String text) {
        return new IllegalArgumentException(String.format(
                Locale.ROOT,
                "\"%s\" is not a judge; name one as gemini[=MODEL], openai=URL[#MODEL] or local=FILE.",
                text));
    }
}
