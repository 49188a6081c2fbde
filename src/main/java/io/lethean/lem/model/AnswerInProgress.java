package io.lethean.lem.model;

import io.lethean.lem.internal.jfr.GenerationEvent;
import io.lethean.lem.internal.jfr.PromptEvent;
import io.lethean.lem.internal.llama.Piece;
import io.lethean.lem.internal.llama.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One generation as it grows token by token, wherever its scores come from. Confined to the model's thread. */
final class AnswerInProgress implements AutoCloseable {

    private final Vocabulary vocabulary;
    private final TokenSelector selector;
    private final TextStream text;
    private final Map<Integer, Piece> shown;
    private final TokenHistory history;
    private final int promptTokens;
    private final int maxTokens;
    private final @Nullable LogprobRecorder logprobs;
    private final @Nullable AnswerListener listener;
    private final int room;
    private final @Nullable AnswerLookup lookup;
    private final long timeLimit;
    private int reusedTokens;
    private final long begun = System.nanoTime();
    private final long arrived;
    private final PromptEvent promptEvent;
    private @Nullable GenerationEvent generationEvent;
    private long promptEnd = begun;
    private Optional<Duration> firstToken = Optional.empty();
    private int token = -1;

    /**
     * @param call brings the request
     * @param capacity tokens that prompt and answer may have together
     * @param selector is closed with this
     */
    AnswerInProgress(
            Vocabulary vocabulary, EncodedRequest request, GenerationCall call, int capacity, TokenSelector selector) {
        GenerationOptions options = request.options();
        this.vocabulary = vocabulary;
        this.selector = selector;
        this.text = new TextStream(options.stop(), call.text());
        this.shown = request.shown();
        this.history = new TokenHistory(request.prompt());
        this.promptTokens = request.prompt().length;
        this.arrived = call.arrived();
        this.maxTokens = options.maxTokens();
        this.logprobs = options.logprobs().isPresent()
                ? new LogprobRecorder(vocabulary.size(), options.logprobs().getAsInt())
                : null;
        this.listener = call.text() instanceof AnswerListener told ? told : null;
        this.timeLimit = options.timeLimit().map(Duration::toNanos).orElse(Long.MAX_VALUE);
        this.room = capacity - promptTokens;
        this.lookup = options.promptLookup() ? new AnswerLookup() : null;
        this.promptEvent = PromptEvent.start(promptTokens, begun - arrived);
    }

    /** Notes how many of the prompt's first tokens need not be evaluated. */
    void promptReused(int tokens) {
        reusedTokens = tokens;
    }

    /** Notes that the prompt has been evaluated, for the timings. */
    void promptEvaluated() {
        promptEnd = System.nanoTime();
        promptEvent.evaluated(reusedTokens);
        generationEvent = GenerationEvent.start(promptTokens);
    }

    /**
     * Chooses the next token.
     *
     * @param scores of all tokens, in native memory
     * @return why the answer ends here; null if it continues once {@link #token()} has been evaluated
     */
    @Nullable
    FinishReason choose(MemorySegment scores) {
        int chosen = selector.select(scores, history);
        if (firstToken.isEmpty()) {
            firstToken = Optional.of(Duration.ofNanos(System.nanoTime() - arrived));
        }
        Piece piece = vocabulary.piece(chosen);
        if (piece.endOfGeneration()) {
            return FinishReason.END_OF_TURN;
        }
        if (logprobs != null) {
            logprobs.add(scores, chosen);
        }
        token = chosen;
        history.add(chosen);
        if (logprobs != null && listener != null) {
            listener.token(logprobs.last());
        }
        text.append(shown.getOrDefault(chosen, piece));
        if (text.stopped()) {
            return FinishReason.STOP_SEQUENCE;
        }
        if (history.generatedCount() == maxTokens) {
            return FinishReason.LENGTH;
        }
        if (history.generatedCount() > room) {
            return FinishReason.CONTEXT_FULL;
        }
        return System.nanoTime() - arrived >= timeLimit ? FinishReason.TIME_LIMIT : null;
    }

    /** The tokens that were chosen so far. */
    int[] tokens() {
        return history.generated();
    }

    /** The drafts of the answer; null if the request asks for no prompt lookup. */
    @Nullable
    AnswerLookup lookup() {
        return lookup;
    }

    /** The tokens so far, prompt included; the last one is {@link #token()}. */
    TokenHistory history() {
        return history;
    }

    /** Tokens that may still be chosen. */
    int tokensLeft() {
        return maxTokens - history.generatedCount();
    }

    /** The token that was chosen last. */
    int token() {
        return token;
    }

    /**
     * Ends the text; the answer as it stands.
     *
     * @throws io.lethean.lem.GrammarException if the text is finished and not what the options ask for
     */
    Generation end(FinishReason reason) {
        text.finish();
        if (reason == FinishReason.END_OF_TURN || reason == FinishReason.STOP_SEQUENCE) {
            selector.requireUsable(text.text());
        }
        int[] generated = history.generated();
        if (generationEvent != null) {
            generationEvent.finished(
                    generated.length, firstToken.map(Duration::toNanos).orElse(0L), reason);
        }
        boolean specialOnly = generated.length > 0
                && Arrays.stream(generated)
                        .allMatch(each -> vocabulary.piece(each).special());
        return Generation.builder(text.text(), reason)
                .tokens(Arrays.stream(generated).boxed().toList())
                .stopSequence(text.stopSequence())
                .promptTokens(promptTokens)
                .reusedTokens(reusedTokens)
                .seed(selector.seed())
                .logprobs(logprobs == null ? List.of() : logprobs.recorded())
                .timings(timings())
                .draftedTokens(lookup == null ? 0 : lookup.drafted())
                .acceptedTokens(lookup == null ? 0 : lookup.accepted())
                .specialTokensOnly(specialOnly)
                .build();
    }

    private Timings timings() {
        return new Timings(
                Duration.ofNanos(begun - arrived),
                Duration.ofNanos(promptEnd - begun),
                Duration.ofNanos(System.nanoTime() - promptEnd),
                firstToken);
    }

    @Override
    public void close() {
        selector.close();
    }
}
