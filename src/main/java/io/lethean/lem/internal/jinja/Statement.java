package io.lethean.lem.internal.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that is executed for its output or effect. */
sealed interface Statement {

    /** Text between tags. */
    record Data(String text) implements Statement {}

    record Output(List<Expression> values, int line) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(Expression test, List<Statement> body, int line) {}

    record For(
            Target target,
            Expression source,
            @Nullable Expression filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}

    record Set(Target target, Expression value, int line) implements Statement {}

    /** {@code set} with a body; the filters apply to its text. */
    record SetBlock(Target target, List<Expression.Link> filters, List<Statement> body, int line)
            implements Statement {}

    /** {@code with}: names for a body, all values taken before the first is set. */
    record With(List<Target> targets, List<Expression> values, List<Statement> body, int line) implements Statement {}

    /** A body with its own scope for assignments, such as a {@code generation} block. */
    record Enclosed(List<Statement> body) implements Statement {}

    record FilterBlock(List<Expression.Link> filters, List<Statement> body, int line) implements Statement {}

    record Macro(
            String name,
            List<Parameter> parameters,
            boolean takesMore,
            boolean takesNamed,
            boolean takesCaller,
            List<Statement> body,
            int line)
            implements Statement {}

    record Parameter(String name, @Nullable Expression byDefault) {}

    /** {@code call}: the callee of the chain's last link gets the body as the macro {@code caller}. */
    record CallBlock(Macro caller, Expression.Chain call, int line) implements Statement {}

    record Do(Expression value, int line) implements Statement {}

    /** Where an assignment goes. */
    sealed interface Target {

        record Variable(String name) implements Target {}

        record Unpacked(List<Target> targets) implements Target {}

        record Member(String variable, String name) implements Target {}
    }
}
