package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.spring.LemChatOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The chat model.
 *
 * @param enabled Whether there is a chat model.
 * @param model The model: the path of a GGUF file, or a name on the Hugging Face hub such as hf:org/name:Q4_K_M, which is
 *     downloaded once.
 * @param name Name of the model in responses, observations and requests; by default the name of its file without .gguf.
 * @param adapters LoRA adapters that every answer has.
 * @param load How the model is loaded.
 * @param options Options of requests that do not set them.
 */
@ConfigurationProperties(LemChatProperties.PREFIX)
public record LemChatProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String model,
        @Nullable String name,
        @DefaultValue List<Adapter> adapters,
        @DefaultValue @NestedConfigurationProperty LoadProperties load,
        @DefaultValue Options options) {

    /** What the names of the properties begin with. */
    public static final String PREFIX = "lem.chat";

    /**
     * A LoRA adapter.
     *
     * @param model The adapter: the path of a GGUF file or of a folder of PEFT or mlx-lm, or a name on the hub.
     * @param weight Multiplies the update; 1 is as trained.
     */
    public record Adapter(String model, @DefaultValue("1") float weight) {}

    /**
     * Options of answers. What is not set is as LEM has it: greedy decoding of at most 256 tokens.
     *
     * @param maxTokens The most tokens of an answer.
     * @param temperature 0 takes the most likely token; above 0 the logits are divided by it.
     * @param topK Keeps the k most likely tokens; 0 keeps all.
     * @param topP Nucleus sampling: the probability that the tokens kept reach together; 1 keeps all.
     * @param minP Keeps tokens at least this share as likely as the most likely one; 0 keeps all.
     * @param typicalP Locally typical sampling; 1 keeps all.
     * @param repeatPenalty Divides positive logits of recent tokens and multiplies negative ones; 1 is off.
     * @param repeatLastN How many of the last tokens the repeat penalty looks at.
     * @param presencePenalty Subtracted once from the logit of each token that the answer has.
     * @param frequencyPenalty Subtracted from the logit of each token as often as the answer has it.
     * @param logitBias Added to the logits of tokens, by id.
     * @param seed Seed of the random choices; without it each answer draws one.
     * @param stopSequences Texts that end the answer.
     * @param timeLimit The longest that an answer may take, waiting included.
     * @param promptLookup Whether tokens are drafted from the prompt; the answer is the same.
     * @param grammar A GBNF grammar that every answer must follow.
     * @param enableThinking Whether the model thinks first: the variable enable_thinking of chat templates.
     * @param parallelToolCalls Whether an answer may have several calls of tools.
     * @param toolCallFormat How the model writes calls, for chat templates that do not tell.
     */
    public record Options(
            @Nullable Integer maxTokens,
            @Nullable Double temperature,
            @Nullable Integer topK,
            @Nullable Double topP,
            @Nullable Double minP,
            @Nullable Double typicalP,
            @Nullable Double repeatPenalty,
            @Nullable Integer repeatLastN,
            @Nullable Double presencePenalty,
            @Nullable Double frequencyPenalty,
            @Nullable Map<Integer, Double> logitBias,
            @Nullable Long seed,
            @Nullable List<String> stopSequences,
            @Nullable Duration timeLimit,
            @Nullable Boolean promptLookup,
            @Nullable String grammar,
            @Nullable Boolean enableThinking,
            @Nullable Boolean parallelToolCalls,
            @Nullable ToolCallFormat toolCallFormat) {

        LemChatOptions chatOptions() {
            return LemChatOptions.builder()
                    .maxTokens(maxTokens)
                    .temperature(temperature)
                    .topK(topK)
                    .topP(topP)
                    .presencePenalty(presencePenalty)
                    .frequencyPenalty(frequencyPenalty)
                    .stopSequences(stopSequences)
                    .minP(minP)
                    .typicalP(typicalP)
                    .repeatPenalty(repeatPenalty)
                    .repeatLastN(repeatLastN)
                    .logitBias(logitBias)
                    .seed(seed)
                    .timeLimit(timeLimit)
                    .promptLookup(promptLookup)
                    .grammar(grammar)
                    .enableThinking(enableThinking)
                    .parallelToolCalls(parallelToolCalls)
                    .toolCallFormat(toolCallFormat)
                    .build();
        }
    }
}
