package io.lethean.lem.internal.jinja;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text the name, operator or text itself; of a string what it stands for; of a number its digits
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {

    /** What a token is. */
    enum Kind {
        /** Text between tags. */
        DATA("text"),
        OUTPUT_BEGIN("{{"),
        OUTPUT_END("}}"),
        BLOCK_BEGIN("{%"),
        BLOCK_END("%}"),
        NAME("a name"),
        STRING("a string"),
        INTEGER("an integer"),
        REAL("a number"),
        OPERATOR("an operator"),
        END("the end of the template");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    boolean is(Kind wanted) {
        return kind == wanted;
    }

    boolean isOperator(String wanted) {
        return kind == Kind.OPERATOR && text.equals(wanted);
    }

    boolean isName(String wanted) {
        return kind == Kind.NAME && text.equals(wanted);
    }

    String description() {
        return switch (kind) {
            case NAME, OPERATOR, INTEGER, REAL ->
                "'" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "'";
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, STRING, END -> kind.description();
        };
    }
}
