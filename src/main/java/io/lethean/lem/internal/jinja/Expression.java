package io.lethean.lem.internal.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something with a value. Operators that chain are lists, so that a long chain is not a deep tree. */
sealed interface Expression {

    record Literal(Value value) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ListLiteral(List<Expression> items) implements Expression {}

    record TupleLiteral(List<Expression> items) implements Expression {}

    record DictLiteral(List<Pair> pairs, int line) implements Expression {}

    record Pair(Expression key, Expression value) {}

    /** A value and what follows it: members, elements, calls, filters, tests, from left to right. */
    record Chain(Expression base, List<Link> links) implements Expression {}

    /** Operators of equal rank, from left to right. */
    record Arithmetic(Expression first, List<Operation> rest) implements Expression {}

    record Operation(String operator, Expression operand, int line) {}

    /** Operands of {@code ~}. */
    record Concatenation(List<Expression> parts, int line) implements Expression {}

    /** Comparisons that all hold, as in {@code 1 < x <= 3}. */
    record Comparison(Expression first, List<Operation> rest) implements Expression {}

    /** Operands of {@code and}, or of {@code or}. */
    record Logical(boolean conjunction, List<Expression> operands) implements Expression {}

    record Not(Expression operand) implements Expression {}

    record Sign(boolean minus, Expression operand, int line) implements Expression {}

    record Conditional(
            Expression test, Expression then, @Nullable Expression otherwise) implements Expression {}

    /** One step of a chain. */
    sealed interface Link {

        int line();

        record Member(String name, int line) implements Link {}

        record Element(Expression key, int line) implements Link {}

        record Slice(
                @Nullable Expression start,
                @Nullable Expression stop,
                @Nullable Expression step,
                int line) implements Link {}

        record Call(Inputs inputs, int line) implements Link {}

        record Filter(String name, Inputs inputs, int line) implements Link {}

        record Test(String name, Inputs inputs, boolean negated, int line) implements Link {}
    }

    /** What a call is given: by position, {@code *spread}, by name, {@code **spread}. */
    record Inputs(
            List<Expression> positional,
            @Nullable Expression spread,
            List<Keyword> named,
            @Nullable Expression namedSpread) {

        static final Inputs NONE = new Inputs(List.of(), null, List.of(), null);
    }

    record Keyword(String name, Expression value) {}
}
