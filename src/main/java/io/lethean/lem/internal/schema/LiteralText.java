package io.lethean.lem.internal.schema;

import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** Writes values of JSON in GBNF, with white space where the rules of objects and arrays allow it. */
final class LiteralText {

    private LiteralText() {}

    static String of(JsonNode value) {
        return switch (Kind.of(value)) {
            case NULL, BOOLEAN, NUMBER -> GbnfText.literal(value.toString());
            case STRING -> GbnfText.literal(GbnfText.quoted(value.stringValue()));
            case ARRAY -> array(value);
            case OBJECT -> object(value);
        };
    }

    private static String array(JsonNode array) {
        StringJoiner elements = new StringJoiner(" \",\" ws ");
        array.forEach(element -> elements.add(of(element)));
        return framed("\"[\"", elements, "\"]\"");
    }

    private static String object(JsonNode object) {
        StringJoiner members = new StringJoiner(" \",\" ws ");
        object.properties().forEach(entry -> members.add(name(entry.getKey()) + " " + of(entry.getValue())));
        return framed("\"{\"", members, "\"}\"");
    }

    private static String framed(String open, StringJoiner inner, String close) {
        return inner.length() == 0 ? open + " ws " + close : open + " ws " + inner + " ws " + close;
    }

    /** A property's name, with the colon. */
    static String name(String name) {
        return GbnfText.literal(GbnfText.quoted(name) + ":") + " sp";
    }
}
