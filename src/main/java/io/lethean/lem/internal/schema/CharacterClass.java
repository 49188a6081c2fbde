package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.CharacterEscape.Meaning;

/** Reads a class such as {@code [a-z\d_]}, after its opening bracket. */
final class CharacterClass {

    private final PatternText text;

    CharacterClass(PatternText text) {
        this.text = text;
    }

    CodePoints read() {
        boolean negated = text.skip("^");
        CodePoints set = CodePoints.NONE;
        while (!text.skip("]")) {
            set = set.or(item());
        }
        return negated ? set.not() : set;
    }

    private CodePoints item() {
        Meaning first = member();
        if (!text.lookingAt("-") || text.lookingAt("-]")) {
            return first.set();
        }
        text.skip("-");
        Meaning last = member();
        if (!first.single() || !last.single()) {
            // Such as [\w-.]: the hyphen stands for itself.
            return first.set().or(CodePoints.of('-')).or(last.set());
        }
        int from = first.set().ranges().getFirst().first();
        int to = last.set().ranges().getFirst().last();
        if (from > to) {
            throw text.refused("a range of characters ends before it begins");
        }
        return CodePoints.range(from, to);
    }

    private Meaning member() {
        return text.skip("\\") ? new CharacterEscape(text).read(true) : Meaning.one(text.next());
    }
}
