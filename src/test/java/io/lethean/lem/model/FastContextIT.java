package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidConversationException;
import io.lethean.lem.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A context that is not batch-invariant: what it gives up are last digits, and nothing else. */
class FastContextIT {

    private static final String STORY = "Once upon a time, there was a little girl named Lily. She loved to play. ";

    /** Of log-probabilities with float32 throughout; the fused attention rounds, so that they differ by up to 1e-3. */
    private static final double DIGITS = 1e-4;

    private static ModelOptions.Builder options(int parallel) {
        return ModelOptions.builder()
                .threads(1)
                .contextTokens(1024)
                .kvType(KvType.F32)
                .flashAttention(FlashAttention.OFF)
                .parallel(parallel);
    }

    private static LemModel load(ModelOptions.Builder options) throws IOException {
        return LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), options.build());
    }

    private static GenerationOptions tokens(int most) {
        return GenerationOptions.builder().maxTokens(most).logprobs(0).build();
    }

    private static void assertClose(Generation actual, Generation expected) {
        assertThat(actual.tokens()).isEqualTo(expected.tokens());
        IntStream.range(0, expected.tokens().size())
                .forEach(i -> assertThat(actual.logprobs().get(i).logprob())
                        .isCloseTo(expected.logprobs().get(i).logprob(), within(DIGITS)));
    }

    @Test
    void answersInAnyCompany_areThoseOfAnInvariantContext_upToTheirLastDigits() throws IOException {
        try (LemModel fast = load(options(5).batchInvariant(false));
                LemModel exact = load(options(5))) {
            List<String> prompts = IntStream.range(0, 12)
                    .mapToObj(i -> STORY.repeat(i % 4) + "Number " + i)
                    .toList();
            List<GenerationOutcome> actual = fast.generateAll(prompts, tokens(20));
            List<GenerationOutcome> expected = exact.generateAll(prompts, tokens(20));
            for (int i = 0; i < prompts.size(); i++) {
                assertClose(actual.get(i).orThrow(), expected.get(i).orThrow());
            }
        }
    }

    @Test
    void whatWasGenerated_isUsedAgain() throws IOException {
        try (LemModel fast = load(options(1).batchInvariant(false));
                LemModel exact = load(options(1))) {
            List<Integer> prompt = fast.tokenizer().encode(STORY);
            Generation first =
                    fast.generate(new GenerationRequest.Tokens(prompt, tokens(30)), t -> {}, new Cancellation());
            List<Integer> longer = new ArrayList<>(prompt);
            longer.addAll(first.tokens());
            longer.addAll(prompt.subList(1, 9));
            GenerationRequest.Tokens next = new GenerationRequest.Tokens(longer, tokens(20));

            Generation second = fast.generate(next, t -> {}, new Cancellation());

            assertThat(second.reusedTokens())
                    .isEqualTo(prompt.size() + first.tokens().size() - 1);
            assertClose(second, exact.generate(next, t -> {}, new Cancellation()));
        }
    }

    @Test
    void conversation_needsNoPreparation() throws IOException {
        try (LemModel fast = load(options(2).batchInvariant(false));
                LemModel exact = load(options(2))) {
            Conversation conversation = fast.conversation(STORY);
            List<Message> said = new ArrayList<>(List.of(Message.system(STORY)));
            for (int turn = 0; turn < 4; turn++) {
                Generation answer = conversation.send("And then?", tokens(24)).generation();
                said.add(Message.user("And then?"));
                assertClose(answer, exact.chat(said, tokens(24)));
                said.add(Message.assistant(answer.text()));
                assertThat(conversation.preparedTokens()).isZero();
                if (turn > 0) {
                    assertThat(answer.evaluatedTokens()).isLessThan(64);
                }
            }
        }
    }

    @Test
    void savedConversation_isRefusedByTheOtherKindOfContext(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("saved");
        try (LemModel fast = load(options(1).batchInvariant(false));
                LemModel exact = load(options(1))) {
            Conversation conversation = fast.conversation(STORY);
            conversation.send("And then?", tokens(5));
            conversation.save(file);

            assertThat(fast.loadConversation(file)
                            .send("Why?", tokens(5))
                            .generation()
                            .reusedTokens())
                    .isPositive();
            assertThatExceptionOfType(InvalidConversationException.class)
                    .isThrownBy(() -> exact.loadConversation(file))
                    .withMessageContaining("batchInvariant false");
        }
    }
}
