package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Expression.Chain;
import io.lethean.lem.internal.jinja.Expression.Inputs;
import io.lethean.lem.internal.jinja.Expression.Keyword;
import io.lethean.lem.internal.jinja.Expression.Link;
import io.lethean.lem.internal.jinja.Expression.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads expressions by descent, one method for each rank of operators, weakest first. */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private static final Set<String> MACRO_NAMES = Set.of("varargs", "kwargs", "caller");

    private final TokenStream tokens;
    private final Set<String> macroNames = new HashSet<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Those of the names that mean something in a macro which were read so far. */
    Set<String> macroNames() {
        return macroNames;
    }

    /** An expression, or several with commas between, which make a tuple. */
    Expression tuple() {
        return tuple(this::conditional, false);
    }

    /** Reads a tuple without {@code if}, which in a for loop begins the filter of the loop. */
    Expression tupleWithoutConditional() {
        return tuple(this::or, false);
    }

    private Expression tuple(Supplier<Expression> element, boolean inParentheses) {
        if (atTupleEnd()) {
            if (inParentheses) {
                return new Expression.TupleLiteral(List.of());
            }
            throw tokens.unexpected("an expression");
        }
        Expression first = element.get();
        if (!tokens.isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && !atTupleEnd()) {
            items.add(element.get());
        }
        return new Expression.TupleLiteral(items);
    }

    private boolean atTupleEnd() {
        return tokens.isOperator(")")
                || tokens.current().is(Token.Kind.OUTPUT_END)
                || tokens.current().is(Token.Kind.BLOCK_END);
    }

    Expression conditional() {
        Expression expression = or();
        int levels = 0;
        while (tokens.skipName("if")) {
            tokens.enter();
            levels++;
            Expression test = or();
            Expression otherwise = tokens.skipName("else") ? conditional() : null;
            expression = new Expression.Conditional(test, expression, otherwise);
        }
        tokens.leave(levels);
        return expression;
    }

    private Expression or() {
        Expression first = and();
        return tokens.isName("or") ? new Expression.Logical(false, more(first, "or", this::and)) : first;
    }

    private Expression and() {
        Expression first = not();
        return tokens.isName("and") ? new Expression.Logical(true, more(first, "and", this::not)) : first;
    }

    private List<Expression> more(Expression first, String operator, Supplier<Expression> operand) {
        List<Expression> operands = new ArrayList<>(List.of(first));
        while (tokens.skipName(operator)) {
            operands.add(operand.get());
        }
        return operands;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression operand = not();
        tokens.leave();
        return new Expression.Not(operand);
    }

    private Expression comparison() {
        Expression first = sum();
        List<Operation> rest = new ArrayList<>();
        int line = tokens.line();
        for (String operator = comparator(); operator != null; operator = comparator()) {
            rest.add(new Operation(operator, sum(), line));
            line = tokens.line();
        }
        return rest.isEmpty() ? first : new Expression.Comparison(first, rest);
    }

    private @Nullable String comparator() {
        if (tokens.current().is(Token.Kind.OPERATOR)
                && COMPARISONS.contains(tokens.current().text())) {
            return tokens.next().text();
        }
        if (tokens.skipName("in")) {
            return "in";
        }
        if (tokens.isName("not") && tokens.ahead().isName("in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return null;
    }

    private Expression sum() {
        return arithmetic(Set.of("+", "-"), this::concatenation);
    }

    private Expression concatenation() {
        int line = tokens.line();
        Expression first = product();
        if (!tokens.isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concatenation(parts, line);
    }

    private Expression product() {
        return arithmetic(Set.of("*", "/", "//", "%"), this::power);
    }

    /** Jinja's powers group from the left, other than Python's. */
    private Expression power() {
        return arithmetic(Set.of("**"), () -> signed(true));
    }

    private Expression arithmetic(Set<String> operators, Supplier<Expression> operand) {
        Expression first = operand.get();
        List<Operation> rest = new ArrayList<>();
        while (tokens.current().is(Token.Kind.OPERATOR)
                && operators.contains(tokens.current().text())) {
            Token operator = tokens.next();
            rest.add(new Operation(operator.text(), operand.get(), operator.line()));
        }
        return rest.isEmpty() ? first : new Expression.Arithmetic(first, rest);
    }

    private Expression signed(boolean withFilters) {
        Expression base;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            tokens.enter();
            Token sign = tokens.next();
            base = new Expression.Sign(sign.text().equals("-"), signed(false), sign.line());
            tokens.leave();
        } else {
            base = primary();
        }
        List<Link> links = new ArrayList<>();
        postfix(links);
        if (withFilters) {
            filters(links);
        }
        return links.isEmpty() ? base : new Chain(base, links);
    }

    Expression primary() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case NAME -> name(tokens.next());
            case STRING -> string();
            case INTEGER, REAL -> new Expression.Literal(NumberLiteral.value(tokens.next()));
            case OPERATOR -> bracketed(token);
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END ->
                throw tokens.unexpected("an expression");
        };
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(Value.Bool.TRUE);
            case "false", "False" -> new Expression.Literal(Value.Bool.FALSE);
            case "none", "None" -> new Expression.Literal(Value.None.NONE);
            default -> {
                if (MACRO_NAMES.contains(token.text())) {
                    macroNames.add(token.text());
                }
                yield new Expression.Name(token.text(), token.line());
            }
        };
    }

    private Expression string() {
        StringBuilder text = new StringBuilder(tokens.next().text());
        while (tokens.current().is(Token.Kind.STRING)) {
            text.append(tokens.next().text());
        }
        return new Expression.Literal(new Value.Text(text.toString()));
    }

    private Expression bracketed(Token bracket) {
        tokens.enter();
        Expression expression = switch (bracket.text()) {
            case "(" -> {
                tokens.next();
                Expression inner = tuple(this::conditional, true);
                tokens.expectOperator(")");
                yield inner;
            }
            case "[" -> list();
            case "{" -> dict();
            default -> throw tokens.unexpected("an expression");
        };
        tokens.leave();
        return expression;
    }

    private Expression list() {
        tokens.next();
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
            items.add(conditional());
            if (!tokens.isOperator("]")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.ListLiteral(items);
    }

    private Expression dict() {
        int line = tokens.next().line();
        List<Expression.Pair> pairs = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            Expression key = conditional();
            tokens.expectOperator(":");
            pairs.add(new Expression.Pair(key, conditional()));
            if (!tokens.isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.DictLiteral(pairs, line);
    }

    private void postfix(List<Link> links) {
        while (true) {
            if (tokens.isOperator(".")) {
                links.add(member());
            } else if (tokens.isOperator("[")) {
                links.add(element());
            } else if (tokens.isOperator("(")) {
                links.add(call());
            } else {
                return;
            }
        }
    }

    /** Filters, tests, and calls of what they give. */
    private void filters(List<Link> links) {
        while (true) {
            if (tokens.skipOperator("|")) {
                links.add(filter());
            } else if (tokens.skipName("is")) {
                links.add(test());
            } else if (tokens.isOperator("(")) {
                links.add(call());
            } else {
                return;
            }
        }
    }

    private Link member() {
        int line = tokens.next().line();
        Token member = tokens.next();
        if (member.is(Token.Kind.INTEGER)) {
            return new Link.Element(new Expression.Literal(NumberLiteral.value(member)), line);
        }
        if (!member.is(Token.Kind.NAME)) {
            throw TemplateError.syntax(line, "a name or a number is expected after a dot");
        }
        return new Link.Member(member.text(), line);
    }

    private Link element() {
        int line = tokens.next().line();
        tokens.enter();
        Expression start = tokens.isOperator(":") ? null : tuple(this::conditional, false);
        if (start != null && !tokens.isOperator(":")) {
            tokens.expectOperator("]");
            tokens.leave();
            return new Link.Element(start, line);
        }
        Expression stop = bound();
        Expression step = tokens.isOperator(":") ? bound() : null;
        tokens.expectOperator("]");
        tokens.leave();
        return new Link.Slice(start, stop, step, line);
    }

    private @Nullable Expression bound() {
        tokens.expectOperator(":");
        return tokens.isOperator(":") || tokens.isOperator("]") ? null : conditional();
    }

    private Link.Call call() {
        int line = tokens.line();
        return new Link.Call(inputs(), line);
    }

    private Inputs inputs() {
        tokens.enter();
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Keyword> named = new ArrayList<>();
        Expression spread = null;
        Expression namedSpread = null;
        while (!tokens.skipOperator(")")) {
            if (tokens.skipOperator("**")) {
                namedSpread = conditional();
            } else if (tokens.skipOperator("*")) {
                spread = conditional();
            } else if (tokens.current().is(Token.Kind.NAME) && tokens.ahead().isOperator("=")) {
                named.add(keyword());
            } else if (named.isEmpty() && spread == null && namedSpread == null) {
                positional.add(conditional());
            } else {
                throw tokens.failure("an argument by position follows one by name");
            }
            if (!tokens.isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.leave();
        return new Inputs(positional, spread, named, namedSpread);
    }

    private Keyword keyword() {
        String name = tokens.next().text();
        tokens.next();
        return new Keyword(name, conditional());
    }

    /** A filter after its bar. */
    Link.Filter filter() {
        Token name = tokens.expect(Token.Kind.NAME);
        return new Link.Filter(name.text(), tokens.isOperator("(") ? inputs() : Inputs.NONE, name.line());
    }

    private Link.Test test() {
        boolean negated = tokens.skipName("not");
        Token name = tokens.expect(Token.Kind.NAME);
        if (tokens.isOperator("(")) {
            return new Link.Test(name.text(), inputs(), negated, name.line());
        }
        Inputs inputs = atTestOperand() ? new Inputs(List.of(testOperand()), null, List.of(), null) : Inputs.NONE;
        return new Link.Test(name.text(), inputs, negated, name.line());
    }

    /** Whether an operand without parentheses follows; words that can only continue the expression do not count. */
    private boolean atTestOperand() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case STRING, INTEGER, REAL -> true;
            case NAME ->
                !Set.of("else", "or", "and", "if", "in", "not", "is", "recursive")
                        .contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }

    private Expression testOperand() {
        tokens.enter();
        Expression base = primary();
        List<Link> links = new ArrayList<>();
        postfix(links);
        tokens.leave();
        return links.isEmpty() ? base : new Chain(base, links);
    }
}
