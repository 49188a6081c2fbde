package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON Schema (2020-12) that texts can be held to. Any number of threads may use one. */
public final class JsonSchema {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(100_000)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The last schema that was read: a run asks for the same one for each of its prompts. */
    private static volatile @Nullable JsonSchema latest;

    private final String text;
    private final SchemaDocument document;
    private final String grammar;

    private JsonSchema(String text) {
        this.text = text;
        this.document = SchemaDocument.read(text);
        this.grammar = GrammarCompiler.compile(document, Grammar.ROOT) + sharedRules();
    }

    /**
     * Reads a schema.
     *
     * @throws GrammarException if it is not a schema, allows no value, or demands something that is not enforced; the
     *     message names the keyword and its place
     */
    public static JsonSchema parse(String text) {
        JsonSchema known = latest;
        if (known != null && known.text.equals(text)) {
            return known;
        }
        JsonSchema schema = new JsonSchema(text);
        latest = schema;
        return schema;
    }

    /**
     * The rules in GBNF of JSON that follows a schema, as a part of a longer grammar, which also needs {@link #sharedRules}
     * once.
     *
     * @param start the name of the first rule, with which the names of the others begin
     * @throws GrammarException as {@link #parse} throws it
     */
    public static String rules(String schema, String start) {
        return GrammarCompiler.compile(SchemaDocument.read(schema), start);
    }

    /** Rules that those of every schema refer to. */
    public static String sharedRules() {
        return GbnfText.SHARED_RULES;
    }

    /** The grammar in GBNF: each of its texts is JSON that follows the schema. */
    public String grammar() {
        return grammar;
    }

    /**
     * Looks whether a finished text follows the schema.
     *
     * @throws GrammarException if it does not
     */
    public void check(String text) {
        if (!new Evaluation(document).allows(SchemaDocument.ROOT, tree(text))) {
            throw new GrammarException("The finished text does not follow the JSON Schema that was set.");
        }
    }

    private static JsonNode tree(String text) {
        String problem = "it is empty";
        try {
            JsonNode tree = MAPPER.readTree(text);
            if (!tree.isMissingNode()) {
                return tree;
            }
        } catch (JacksonException e) {
            problem = e.getOriginalMessage().lines().findFirst().orElse("it cannot be read");
        }
        throw new GrammarException("The finished text is not JSON, although a JSON Schema was set: " + problem
                + ". A stop sequence cuts texts, too.");
    }
}
