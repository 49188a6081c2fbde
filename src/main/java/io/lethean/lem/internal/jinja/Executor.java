package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Executes the statements of one rendering. */
final class Executor {

    /** How a body ended. */
    private enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    private final Meter meter;
    private final Evaluator evaluator;
    private final StringBuilder output = new StringBuilder();
    private StringBuilder current = output;

    private Executor(Meter meter) {
        this.meter = meter;
        this.evaluator = new Evaluator(meter);
    }

    static String run(List<Statement> statements, Scope scope, Meter meter) {
        Executor executor = new Executor(meter);
        executor.execute(statements, scope);
        return executor.output.toString();
    }

    private Flow execute(List<Statement> statements, Scope scope) {
        meter.enter();
        Flow flow = Flow.NORMAL;
        for (int i = 0; flow == Flow.NORMAL && i < statements.size(); i++) {
            meter.step();
            flow = execute(statements.get(i), scope);
        }
        meter.leave();
        return flow;
    }

    private Flow execute(Statement statement, Scope scope) {
        return switch (statement) {
            case Statement.Data(String text) -> print(text);
            case Statement.Output output -> output(output, scope);
            case Statement.If branches -> ifStatement(branches, scope);
            case Statement.For loop -> forLoop(loop, scope);
            case Statement.Break _ -> Flow.BREAK;
            case Statement.Continue _ -> Flow.CONTINUE;
            case Statement.Set set -> set(set, scope);
            case Statement.SetBlock set -> setBlock(set, scope);
            case Statement.With with -> with(with, scope);
            case Statement.Enclosed(List<Statement> body) -> execute(body, new Scope(scope));
            case Statement.FilterBlock filter -> filterBlock(filter, scope);
            case Statement.Macro macro -> assign(new Target.Variable(macro.name()), function(macro, scope), scope);
            case Statement.CallBlock call -> callBlock(call, scope);
            case Statement.Do action -> {
                meter.line(action.line());
                evaluator.evaluate(action.value(), scope);
                yield Flow.NORMAL;
            }
        };
    }

    private Flow print(String text) {
        meter.text(text.length());
        current.append(text);
        meter.output(output.length());
        return Flow.NORMAL;
    }

    private Flow output(Statement.Output statement, Scope scope) {
        for (Expression value : statement.values()) {
            meter.line(statement.line());
            print(PythonText.str(meter, evaluator.evaluate(value, scope)));
        }
        return Flow.NORMAL;
    }

    private Flow ifStatement(Statement.If statement, Scope scope) {
        for (Statement.Branch branch : statement.branches()) {
            meter.step();
            meter.line(branch.line());
            if (Truth.of(evaluator.evaluate(branch.test(), scope))) {
                return execute(branch.body(), scope);
            }
        }
        return execute(statement.otherwise(), scope);
    }

    private Flow set(Statement.Set statement, Scope scope) {
        meter.line(statement.line());
        Value value = evaluator.evaluate(statement.value(), scope);
        meter.line(statement.line());
        return assign(statement.target(), value, scope);
    }

    private Flow setBlock(Statement.SetBlock statement, Scope scope) {
        StringBuilder outer = current;
        current = new StringBuilder();
        Flow flow = execute(statement.body(), new Scope(scope));
        Value text = new Value.Text(current.toString());
        current = outer;
        if (flow == Flow.NORMAL) {
            meter.line(statement.line());
            assign(statement.target(), evaluator.filtered(text, statement.filters(), scope), scope);
        }
        return flow;
    }

    private Flow filterBlock(Statement.FilterBlock statement, Scope scope) {
        StringBuilder outer = current;
        current = new StringBuilder();
        Flow flow = execute(statement.body(), new Scope(scope));
        Value text = new Value.Text(current.toString());
        current = outer;
        if (flow == Flow.NORMAL) {
            print(PythonText.str(meter, evaluator.filtered(text, statement.filters(), scope)));
        }
        return flow;
    }

    private Flow with(Statement.With statement, Scope scope) {
        Scope inner = new Scope(scope);
        List<Value> values = new ArrayList<>();
        for (Expression value : statement.values()) {
            values.add(evaluator.evaluate(value, scope));
        }
        for (int i = 0; i < values.size(); i++) {
            meter.line(statement.line());
            assign(statement.targets().get(i), values.get(i), inner);
        }
        return execute(statement.body(), inner);
    }

    private Flow assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Target.Variable(String name) -> {
                meter.entries(1);
                scope.set(name, value);
            }
            case Target.Unpacked(List<Target> targets) -> unpack(targets, Access.items(meter, value), scope);
            case Target.Member(String variable, String name) -> assignMember(scope.get(variable), name, value);
        }
        return Flow.NORMAL;
    }

    private void unpack(List<Target> targets, List<Value> values, Scope scope) {
        if (targets.size() != values.size()) {
            throw TemplateError.failed(values.size() + " values are assigned to " + targets.size() + " names");
        }
        for (int i = 0; i < targets.size(); i++) {
            assign(targets.get(i), values.get(i), scope);
        }
    }

    private void assignMember(Value object, String name, Value value) {
        meter.entries(1);
        switch (object) {
            case Value.Namespace(Map<String, Value> members) -> members.put(name, value);
            case Value.Dict dict -> dict.put(name, value);
            case Value other ->
                throw TemplateError.failed(
                        "'set' cannot assign to the member '" + name + "' of " + TypeNames.of(other));
        }
    }

    private Flow forLoop(Statement.For statement, Scope scope) {
        meter.line(statement.line());
        return runLoop(statement, evaluator.evaluate(statement.source(), scope), scope, 1);
    }

    private Flow runLoop(Statement.For statement, Value source, Scope scope, int depth) {
        List<Value> items = filteredItems(statement, Access.items(meter, source), scope);
        Loop loop = new Loop(items, depth, statement.recursive() ? recursion(statement, scope, depth) : null);
        boolean completed = false;
        for (int i = 0; i < items.size(); i++) {
            meter.entries(2);
            meter.line(statement.line());
            Scope inner = new Scope(scope);
            loop.moveTo(i);
            inner.set("loop", loop);
            assign(statement.target(), items.get(i), inner);
            Flow flow = execute(statement.body(), inner);
            if (flow == Flow.BREAK) {
                break;
            }
            completed |= flow == Flow.NORMAL;
        }
        // As in Jinja2, an iteration that breaks or continues does not count against the else branch.
        return completed ? Flow.NORMAL : execute(statement.otherwise(), new Scope(scope));
    }

    private List<Value> filteredItems(Statement.For statement, List<Value> items, Scope scope) {
        if (statement.filter() == null) {
            return items;
        }
        List<Value> kept = new ArrayList<>();
        for (Value item : items) {
            Scope inner = new Scope(scope);
            assign(statement.target(), item, inner);
            if (Truth.of(evaluator.evaluate(statement.filter(), inner))) {
                meter.elements(1);
                kept.add(item);
            }
        }
        return kept;
    }

    private Value.Function.Body recursion(Statement.For statement, Scope scope, int depth) {
        return (_, arguments) -> {
            Arguments.Bound bound = arguments.bind("loop", 1, "iterable");
            StringBuilder outer = current;
            current = new StringBuilder();
            runLoop(statement, bound.required(0), scope, depth + 1);
            Value text = new Value.Text(current.toString());
            current = outer;
            return text;
        };
    }

    private Flow callBlock(Statement.CallBlock statement, Scope scope) {
        Expression.Chain chain = statement.call();
        Value callee = evaluator.chain(chain, chain.links().size() - 1, scope);
        Expression.Link.Call call = (Expression.Link.Call) chain.links().getLast();
        Arguments arguments = evaluator.arguments(call.inputs(), scope);
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        named.put("caller", function(statement.caller(), scope));
        Value result = evaluator.call(callee, new Arguments(arguments.positional(), named), statement.line());
        return print(PythonText.str(meter, result));
    }

    private Value.Function function(Statement.Macro macro, Scope scope) {
        return new Value.Function(macro.name(), (_, arguments) -> callMacro(macro, scope, arguments));
    }

    private Value callMacro(Statement.Macro macro, Scope scope, Arguments arguments) {
        // A call takes more stack than other levels, so it counts as two with the one of Access.call.
        meter.enter();
        Scope inner = new Scope(scope);
        bind(macro, arguments, inner);
        StringBuilder outer = current;
        current = new StringBuilder();
        execute(macro.body(), inner);
        meter.leave();
        Value text = new Value.Text(current.toString());
        current = outer;
        return text;
    }

    private void bind(Statement.Macro macro, Arguments arguments, Scope inner) {
        List<Value> positional = arguments.positional();
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        meter.entries(macro.parameters().size() + named.size() + 1L);
        for (int i = 0; i < macro.parameters().size(); i++) {
            Statement.Parameter parameter = macro.parameters().get(i);
            Value byName = named.remove(parameter.name());
            if (byName != null && i < positional.size()) {
                throw TemplateError.failed(
                        "the macro '" + macro.name() + "' is given '" + parameter.name() + "' twice");
            }
            Value given = i < positional.size() ? positional.get(i) : byName;
            inner.set(parameter.name(), given == null ? byDefault(parameter, inner) : given);
        }
        bindRest(macro, positional, named, inner);
    }

    /** Defaults are worked out at each call and see the parameters before them. */
    private Value byDefault(Statement.Parameter parameter, Scope inner) {
        @Nullable Expression byDefault = parameter.byDefault();
        return byDefault == null ? new Value.Undefined(parameter.name()) : evaluator.evaluate(byDefault, inner);
    }

    private void bindRest(Statement.Macro macro, List<Value> positional, Map<String, Value> named, Scope inner) {
        if (macro.takesCaller() && named.containsKey("caller")) {
            inner.set("caller", named.remove("caller"));
        }
        if (macro.takesNamed()) {
            Value.Dict rest = new Value.Dict();
            named.forEach(rest::put);
            inner.set("kwargs", rest);
        } else if (!named.isEmpty()) {
            throw TemplateError.failed("the macro '" + macro.name() + "' has no parameter '"
                    + named.keySet().iterator().next() + "'");
        }
        int taken = macro.parameters().size();
        if (macro.takesMore()) {
            inner.set(
                    "varargs",
                    new Value.TupleValue(positional.subList(Math.min(taken, positional.size()), positional.size())));
        } else if (positional.size() > taken) {
            throw TemplateError.failed(
                    "the macro '" + macro.name() + "' takes " + taken + " arguments and is given " + positional.size());
        }
    }
}
