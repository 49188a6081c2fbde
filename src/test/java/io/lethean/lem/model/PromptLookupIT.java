package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers with prompt lookup against the same model's answers without it: tokens and log-probabilities, bit by bit. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PromptLookupIT {

    private static final String STORY = "Once upon a time, there was a little girl named Lily. She had a red ball. ";
    private static final List<String> PROMPTS = List.of(
            STORY,
            STORY + STORY,
            "Tom said: \"I like the dog. I like the cat. I like the",
            "One day, a boy. One day, a girl. One day,",
            "The cat sat. The cat ran. The cat sat. The cat ran. The cat");

    @TempDir
    private static Path folder;

    private static Path file(String name) throws IOException {
        RandomModel llama = RandomModel.llama(2, 256, 4, 2, 512, 500).chatTemplate(ConversationIT.TEMPLATE);
        RandomModel written = switch (name) {
            case "llama-q8_0" -> llama.type(GgmlType.Q8_0);
            case "llama-q4_0" -> llama.type(GgmlType.Q4_0);
            case "llama-f16" -> llama.type(GgmlType.F16);
            case "gemma3" -> RandomModel.gemma3(6, 64, 4, 1, 128, 500);
            default -> null;
        };
        if (written == null) {
            return Fixtures.require("models/" + name + ".gguf");
        }
        Path path = folder.resolve(name + ".gguf");
        written.write(path, 5);
        return path;
    }

    private static LemModel load(String name, UnaryOperator<ModelOptions.Builder> change) throws IOException {
        return LemModel.load(
                file(name),
                change.apply(ModelOptions.builder().device("cpu").threads(1).contextTokens(512))
                        .build());
    }

    private static GenerationOptions.Builder tokens(int count) {
        return GenerationOptions.builder().maxTokens(count).logprobs(3);
    }

    /** Everything of an answer that must not depend on drafts. */
    private static void requireEqual(Generation found, Generation plain) {
        assertThat(found.tokens()).isEqualTo(plain.tokens());
        assertThat(found.text()).isEqualTo(plain.text());
        assertThat(found.logprobs()).isEqualTo(plain.logprobs());
        assertThat(found.finishReason()).isEqualTo(plain.finishReason());
        assertThat(found.stopSequence()).isEqualTo(plain.stopSequence());
        assertThat(plain.draftedTokens()).isZero();
        assertThat(found.acceptedTokens()).isBetween(0, found.draftedTokens());
    }

    /** Answers every prompt both ways; the number of drafted tokens that were right. */
    private static int compare(LemModel model, List<String> prompts, GenerationOptions options) {
        int accepted = 0;
        for (String prompt : prompts) {
            Generation plain = model.generate(prompt, options);
            Generation found = model.generate(
                    prompt, options.toBuilder().promptLookup(true).build());
            requireEqual(found, plain);
            accepted += found.acceptedTokens();
        }
        return accepted;
    }

    /** Whether a draft is tried depends on the times of calls, which other processes change. */
    private static void requireAccepted(LemModel model, GenerationOptions options) {
        int accepted = 0;
        for (int round = 0; round < 20 && accepted == 0; round++) {
            accepted += compare(model, PROMPTS, options);
        }
        assertThat(accepted).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "stories260K-f32, 1, 1",
        "stories260K-q8_0, 1, 1",
        "stories260K-q4_0, 1, 1",
        "llama-q8_0, 2, 1",
        "llama-q4_0, 1, 1",
        "llama-f16, 1, 1",
        "stories260K-f32, 1, 4",
        "llama-q8_0, 1, 4"
    })
    void answers_areEqualBitByBit(String name, int threads, int parallel) throws IOException {
        try (LemModel model = load(name, options -> options.threads(threads).parallel(parallel))) {
            requireAccepted(model, tokens(120).build());
            compare(model, PROMPTS, tokens(60).temperature(0.7).seed(3).build());
            compare(
                    model,
                    PROMPTS,
                    tokens(60).repeatPenalty(1.1).presencePenalty(0.3).build());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-q8_0", "llama-f16"})
    void longAnswersOfSeveralThreads_areEqualBitByBit(String name) throws IOException {
        try (LemModel model = load(name, options -> options.threads(2).contextTokens(1024))) {
            compare(model, List.of(STORY, STORY.repeat(6)), tokens(600).build());
        }
    }

    @Test
    void everyLimit_endsTheAnswerAtTheSameToken() throws IOException {
        try (LemModel model = load("stories260K-f32", options -> options.contextTokens(256))) {
            for (int most = 1; most <= 24; most++) {
                compare(model, PROMPTS.subList(2, 5), tokens(most).build());
            }
            compare(model, PROMPTS, tokens(1000).build());
            compare(model, PROMPTS, tokens(200).stop("was", "\n", "dog.").build());
        }
    }

    @Test
    void grammar_isFollowedWithTheSameTokens() throws IOException {
        try (LemModel model = load("stories260K-f32", options -> options)) {
            GenerationOptions list = tokens(80)
                    .grammar("root ::= (\"I like the \" [a-z]+ \". \")+")
                    .build();
            requireAccepted(model, list);
        }
    }

    @Test
    void conversationAfterALookup_continuesAsWithout() throws IOException {
        List<Generation> plain = turns(false);
        List<Generation> found = turns(true);
        for (int turn = 0; turn < plain.size(); turn++) {
            requireEqual(found.get(turn), plain.get(turn));
            assertThat(found.get(turn).reusedTokens()).isEqualTo(plain.get(turn).reusedTokens());
        }
    }

    private static List<Generation> turns(boolean lookup) throws IOException {
        List<Generation> answers = new ArrayList<>();
        GenerationOptions options = tokens(40).promptLookup(lookup).build();
        try (LemModel model = load("llama-q8_0", each -> each.contextTokens(1024))) {
            Conversation conversation = model.conversation("Say it again. ".repeat(10));
            for (int turn = 0; turn < 5; turn++) {
                answers.add(conversation
                        .send("Say it again. Say it again. " + turn, options)
                        .generation());
                conversation.preparedTokens();
            }
        }
        return answers;
    }

    @Test
    void answerThatIsCancelledInADraft_leavesTheModelAsItWas() throws IOException {
        try (LemModel model = load("stories260K-f32", options -> options)) {
            GenerationOptions options = tokens(60).build();
            GenerationOptions lookup = tokens(60).promptLookup(true).build();
            List<Generation> plain =
                    PROMPTS.stream().map(each -> model.generate(each, options)).toList();
            for (int end = 1; end < 40; end++) {
                int pieces = end;
                int[] count = {0};
                assertThatExceptionOfType(CancellationException.class)
                        .isThrownBy(() -> model.generate(PROMPTS.get(4), lookup, piece -> {
                            if (++count[0] == pieces) {
                                throw new CancellationException("enough");
                            }
                        }));
                int next = end % PROMPTS.size();
                requireEqual(model.generate(PROMPTS.get(next), lookup), plain.get(next));
            }
        }
    }

    @Test
    void company_changesNoBitOfAnAnswerWithLookup() throws IOException {
        try (LemModel model = load("stories260K-q8_0", options -> options.parallel(4))) {
            List<Generation> plain = new ArrayList<>();
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String prompt = PROMPTS.get(i % PROMPTS.size());
                GenerationOptions options = tokens(10 + 7 * i).build();
                plain.add(model.generate(prompt, options));
                requests.add(new GenerationRequest.Text(
                        prompt, options.toBuilder().promptLookup(i % 3 > 0).build()));
            }
            Generation[] found = new Generation[20];
            model.generateAll(requests, (index, outcome) -> found[index] = outcome.orThrow(), new Cancellation());
            for (int i = 0; i < 20; i++) {
                requireEqual(found[i], plain.get(i));
            }
        }
    }

    @Test
    void modelWithASlidingWindow_ignoresTheOption() throws IOException {
        try (LemModel model = load("gemma3", options -> options)) {
            assertThat(compare(model, PROMPTS, tokens(60).build())).isZero();
        }
    }
}
