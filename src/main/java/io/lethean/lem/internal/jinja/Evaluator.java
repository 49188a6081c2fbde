package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Expression.Chain;
import io.lethean.lem.internal.jinja.Expression.Inputs;
import io.lethean.lem.internal.jinja.Expression.Link;
import io.lethean.lem.internal.jinja.Expression.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives expressions their values. */
final class Evaluator {

    private final Meter meter;

    Evaluator(Meter meter) {
        this.meter = meter;
    }

    Value evaluate(Expression expression, Scope scope) {
        meter.step();
        meter.enter();
        Value value = switch (expression) {
            case Expression.Literal(Value literal) -> literal;
            case Expression.Name name -> {
                meter.steps(scope.depth() / 8);
                yield scope.get(name.name());
            }
            case Chain chain -> chain(chain, chain.links().size(), scope);
            case Expression.Arithmetic arithmetic -> arithmetic(arithmetic, scope);
            case Expression.Concatenation concatenation -> concatenation(concatenation, scope);
            case Expression.Comparison comparison -> comparison(comparison, scope);
            case Expression.Logical logical -> logical(logical, scope);
            case Expression.Not(Expression operand) -> Value.Bool.of(!Truth.of(evaluate(operand, scope)));
            case Expression.Sign sign -> sign(sign, scope);
            case Expression.Conditional conditional -> conditional(conditional, scope);
            case Expression.ListLiteral(List<Expression> items) -> new Value.ListValue(all(items, scope));
            case Expression.TupleLiteral(List<Expression> items) -> new Value.TupleValue(all(items, scope));
            case Expression.DictLiteral literal -> dict(literal, scope);
        };
        meter.leave();
        return value;
    }

    private List<Value> all(List<Expression> expressions, Scope scope) {
        meter.elements(expressions.size());
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Value dict(Expression.DictLiteral literal, Scope scope) {
        meter.entries(literal.pairs().size());
        Value.Dict dict = new Value.Dict();
        for (Expression.Pair pair : literal.pairs()) {
            Value key = evaluate(pair.key(), scope);
            meter.line(literal.line());
            dict.put(Keys.of(meter, key), key, evaluate(pair.value(), scope));
        }
        return dict;
    }

    private Value arithmetic(Expression.Arithmetic arithmetic, Scope scope) {
        Value value = evaluate(arithmetic.first(), scope);
        for (Operation operation : arithmetic.rest()) {
            Value operand = evaluate(operation.operand(), scope);
            meter.line(operation.line());
            value = Operators.calculate(meter, operation.operator(), value, operand);
        }
        return value;
    }

    private Value concatenation(Expression.Concatenation concatenation, Scope scope) {
        List<Value> values = all(concatenation.parts(), scope);
        meter.line(concatenation.line());
        return Operators.concatenate(meter, values);
    }

    private Value comparison(Expression.Comparison comparison, Scope scope) {
        Value left = evaluate(comparison.first(), scope);
        for (Operation operation : comparison.rest()) {
            Value right = evaluate(operation.operand(), scope);
            meter.line(operation.line());
            if (!Comparison.holds(meter, operation.operator(), left, right)) {
                return Value.Bool.FALSE;
            }
            left = right;
        }
        return Value.Bool.TRUE;
    }

    /** The operand that decides, which need not be a boolean. */
    private Value logical(Expression.Logical logical, Scope scope) {
        Value value = Value.Bool.of(logical.conjunction());
        for (Expression operand : logical.operands()) {
            value = evaluate(operand, scope);
            if (Truth.of(value) != logical.conjunction()) {
                break;
            }
        }
        return value;
    }

    private Value sign(Expression.Sign sign, Scope scope) {
        Value operand = evaluate(sign.operand(), scope);
        meter.line(sign.line());
        if (!Numbers.isNumber(operand)) {
            throw TemplateError.failed(TypeNames.of(operand) + " cannot have a sign");
        }
        return sign.minus() ? Numbers.negate(operand) : Numbers.calculate("+", new Value.Int(0), operand);
    }

    private Value conditional(Expression.Conditional conditional, Scope scope) {
        if (Truth.of(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        return conditional.otherwise() == null
                ? new Value.Undefined("the missing else")
                : evaluate(conditional.otherwise(), scope);
    }

    /** The value of a chain after its first links. */
    Value chain(Chain chain, int links, Scope scope) {
        Value value = evaluate(chain.base(), scope);
        for (Link link : chain.links().subList(0, links)) {
            value = follow(value, link, scope);
        }
        return value;
    }

    Value filtered(Value value, List<Link> filters, Scope scope) {
        Value result = value;
        for (Link filter : filters) {
            result = follow(result, filter, scope);
        }
        return result;
    }

    private Value follow(Value value, Link link, Scope scope) {
        meter.step();
        meter.line(link.line());
        return switch (link) {
            case Link.Member member -> Access.member(meter, value, member.name());
            case Link.Element element -> Access.element(meter, value, evaluate(element.key(), scope));
            case Link.Slice slice ->
                Access.slice(
                        meter,
                        value,
                        optional(slice.start(), scope),
                        optional(slice.stop(), scope),
                        optional(slice.step(), scope));
            case Link.Call call -> call(value, arguments(call.inputs(), scope), call.line());
            case Link.Filter filter -> {
                Arguments arguments = arguments(filter.inputs(), scope);
                meter.line(filter.line());
                yield Filters.named(filter.name()).apply(meter, value, arguments);
            }
            case Link.Test test -> {
                Arguments arguments = arguments(test.inputs(), scope);
                meter.line(test.line());
                yield Value.Bool.of(Tests.named(test.name()).holds(meter, value, arguments) != test.negated());
            }
        };
    }

    private @Nullable Value optional(@Nullable Expression expression, Scope scope) {
        return expression == null ? null : evaluate(expression, scope);
    }

    Value call(Value callee, Arguments arguments, int line) {
        meter.line(line);
        Value result = Access.call(meter, callee, arguments);
        meter.line(line);
        return result;
    }

    Arguments arguments(Inputs inputs, Scope scope) {
        if (inputs == Inputs.NONE) {
            return Arguments.NONE;
        }
        List<Value> positional = all(inputs.positional(), scope);
        if (inputs.spread() != null) {
            positional.addAll(Access.items(meter, evaluate(inputs.spread(), scope)));
        }
        Map<String, Value> named = new LinkedHashMap<>();
        for (Expression.Keyword keyword : inputs.named()) {
            named.put(keyword.name(), evaluate(keyword.value(), scope));
        }
        if (inputs.namedSpread() != null) {
            spread(named, evaluate(inputs.namedSpread(), scope));
        }
        return new Arguments(positional, named);
    }

    private void spread(Map<String, Value> named, Value value) {
        if (!(value instanceof Value.Dict dict)) {
            throw TemplateError.failed("** needs a mapping and is given " + TypeNames.of(value));
        }
        meter.entries(dict.size());
        for (Value.Dict.Entry entry : dict.entries()) {
            if (!(entry.key() instanceof Value.Text(String name))) {
                throw TemplateError.failed("** needs strings as keys and finds " + TypeNames.of(entry.key()));
            }
            named.put(name, entry.value());
        }
    }
}
