package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The likelihoods of all tokens of a text, next to those of continuations. */
class TokenLogprobsIT {

    private static final Path MODEL = Fixtures.require("models/stories260K-f32.gguf");

    private static List<Integer> text(LemModel model, int tokens) {
        List<Integer> text = new ArrayList<>(model.tokenize("Once upon a time there was a little dog. ", true, false));
        List<Integer> more = model.tokenize("He liked to run in the park and to play with a red ball. ");
        while (text.size() < tokens) {
            text.addAll(more);
        }
        return text.subList(0, tokens);
    }

    private static double sum(List<TokenLogprobs> logprobs, int continuation) {
        double sum = 0;
        for (TokenLogprobs each : logprobs.subList(logprobs.size() - continuation, logprobs.size())) {
            sum += each.logprob();
        }
        return sum;
    }

    @Test
    void sumsOfLastTokens_areTheLikelihoodsOfContinuations() throws IOException {
        try (LemModel model =
                LemModel.load(MODEL, ModelOptions.builder().threads(1).build())) {
            for (int tokens : List.of(2, 30, 64, 66, 100, 192, 300)) {
                List<Integer> text = text(model, tokens);
                List<TokenLogprobs> all = model.logprobs(text, 1);
                assertThat(all).hasSize(tokens - 1);
                for (int continuation = 1; continuation < Math.min(tokens, 20); continuation++) {
                    int context = tokens - continuation;
                    double likelihood = model.logLikelihood(
                                    text.subList(0, context), List.of(text.subList(context, tokens)))
                            .getFirst()
                            .sum();
                    boolean oneBlock = (context - 1) / 64 == (tokens - 2) / 64;
                    if (oneBlock || LlamaCpp.lem_has_row_products() == 1) {
                        assertThat(sum(all, continuation))
                                .as("%d of %d", continuation, tokens)
                                .isEqualTo(likelihood);
                    } else {
                        assertThat(sum(all, continuation)).isCloseTo(likelihood, within(2e-3 * continuation));
                    }
                }
            }
        }
    }

    @Test
    void mostLikelyTokens_areThoseOfTheLogits() throws IOException {
        try (LemModel model = LemModel.load(MODEL)) {
            List<Integer> text = text(model, 12);
            List<Integer> best = new ArrayList<>();
            model.logitRows(text, row -> best.add(Logits.argmax(row)));

            List<TokenLogprobs> all = model.logprobs(text, 3);

            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).token()).isEqualTo(text.get(i + 1));
                assertThat(all.get(i).top()).hasSize(3);
                assertThat(all.get(i).top().getFirst().token()).isEqualTo(best.get(i));
            }
        }
    }

    @Test
    void textOfOneToken_hasNothingToScore_andOneThatIsTooLongIsRefused() throws IOException {
        ModelOptions small = ModelOptions.builder().contextTokens(256).build();
        try (LemModel model = LemModel.load(MODEL, small)) {
            assertThat(model.logprobs(List.of(1), 1)).isEmpty();
            assertThat(model.logprobs(text(model, 256), 0)).hasSize(255);
            assertThatThrownBy(() -> model.logprobs(text(model, 257), 1))
                    .isInstanceOf(ContextOverflowException.class)
                    .hasMessageContaining("257")
                    .hasMessageContaining("256");
            assertThatThrownBy(() -> model.logprobs(List.of(), 1)).hasMessageContaining("no token");
            assertThatThrownBy(() -> model.logprobs(List.of(1), 21)).hasMessageContaining("top is 21");
        }
    }
}
