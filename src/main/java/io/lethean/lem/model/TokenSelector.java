package io.lethean.lem.model;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Chooses the next token. One serves one generation, on the model's thread. */
interface TokenSelector extends AutoCloseable {

    /**
     * The next token.
     *
     * @param logits the scores of all tokens, in native memory
     * @param history the tokens so far, prompt included
     */
    int select(MemorySegment logits, TokenHistory history);

    /**
     * The one that options ask for.
     *
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     */
    static TokenSelector of(GenerationOptions options, Vocabulary vocabulary) {
        Optional<String> gbnf = options.grammar().or(() -> options.jsonSchema().map(GrammarConstraint::fromJsonSchema));
        boolean plain = options.sampling().takesTheBest() && gbnf.isEmpty();
        if (plain && vocabulary.suppressed().length == 0) {
            return new GreedySelector(vocabulary.size());
        }
        GrammarConstraint grammar =
                gbnf.map(text -> GrammarConstraint.of(vocabulary, text)).orElse(null);
        return new SamplingSelector(options.sampling(), vocabulary, grammar);
    }

    @Override
    default void close() {}
}
