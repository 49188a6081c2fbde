package io.lethean.lem.model;

import io.lethean.lem.internal.schema.JsonSchema;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/** Chooses as another selector does, which holds the text to a schema's grammar, and looks at the finished text. */
final class SchemaSelector implements TokenSelector {

    private final TokenSelector selector;
    private final JsonSchema schema;

    /** @param selector is closed with this */
    SchemaSelector(TokenSelector selector, JsonSchema schema) {
        this.selector = selector;
        this.schema = schema;
    }

    @Override
    public int select(MemorySegment logits, TokenHistory history) {
        return selector.select(logits, history);
    }

    @Override
    public OptionalLong seed() {
        return selector.seed();
    }

    @Override
    public void requireUsable(String text) {
        schema.check(text);
    }

    @Override
    public void close() {
        selector.close();
    }
}
