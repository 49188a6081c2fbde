package io.lethean.lem.model;

import io.lethean.lem.internal.llama.GrammarConstraint;
import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.internal.schema.JsonSchema;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/** Chooses the next token. One serves one generation, on the model's thread. */
interface TokenSelector extends AutoCloseable {

    /**
     * The next token.
     *
     * @param logits the scores of all tokens, in native memory
     * @param history the tokens so far, prompt included
     */
    int select(MemorySegment logits, TokenHistory history);

    /** The seed of the random choices; empty if nothing is random. */
    default OptionalLong seed() {
        return OptionalLong.empty();
    }

    /**
     * Looks at a text that the model or a stop sequence has ended.
     *
     * @throws io.lethean.lem.GrammarException if it is not what the options ask for
     */
    default void requireUsable(String text) {}

    /**
     * The one that options ask for.
     *
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     * @throws IllegalArgumentException if the vocabulary lacks a token that the options name
     */
    static TokenSelector of(GenerationOptions options, Vocabulary vocabulary) {
        Optional<JsonSchema> schema = options.jsonSchema().map(JsonSchema::parse);
        Optional<String> gbnf = options.grammar().or(() -> schema.map(JsonSchema::grammar));
        LogitBias bias = LogitBias.of(options.sampling().logitBias(), vocabulary.suppressed(), vocabulary.size());
        boolean plain = options.sampling().takesTheBest() && gbnf.isEmpty();
        if (plain && vocabulary.suppressed().length == 0) {
            return new GreedySelector(vocabulary.size());
        }
        GrammarConstraint grammar =
                gbnf.map(text -> GrammarConstraint.of(vocabulary, text)).orElse(null);
        TokenSelector selector = new SamplingSelector(options.sampling(), vocabulary.size(), bias, grammar);
        return schema.isPresent() ? new SchemaSelector(selector, schema.get()) : selector;
    }

    @Override
    default void close() {}
}
