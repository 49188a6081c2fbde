package io.lethean.lem.internal.schema;

import tools.jackson.databind.JsonNode;

/** What a JSON value can be. */
enum Kind {
    NULL,
    BOOLEAN,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT;

    static Kind of(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL, MISSING -> NULL;
            case BOOLEAN -> BOOLEAN;
            case NUMBER -> NUMBER;
            case STRING -> STRING;
            case ARRAY -> ARRAY;
            case OBJECT -> OBJECT;
            case BINARY, POJO -> throw new AssertionError("Text never holds a " + value.getNodeType() + ".");
        };
    }
}
