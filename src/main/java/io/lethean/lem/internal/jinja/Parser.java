package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Expression.Link;
import io.lethean.lem.internal.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the statements of a template. */
final class Parser {

    /** Tags of Jinja that reach for other templates. */
    private static final Set<String> NOT_ALONE = Set.of("include", "import", "from", "extends", "block");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    private Parser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source, Limits limits) {
        return new Parser(new TokenStream(new Lexer(source), limits.nesting())).body();
    }

    /** Statements up to one of the end tags (its name becomes the current token); without end tags, to the end. */
    private List<Statement> body(String... ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            switch (token.kind()) {
                case DATA -> statements.add(new Statement.Data(tokens.next().text()));
                case OUTPUT_BEGIN -> statements.add(output());
                case BLOCK_BEGIN -> {
                    tokens.next();
                    if (Arrays.stream(ends).anyMatch(tokens::isName)) {
                        tokens.leave();
                        return statements;
                    }
                    statements.add(statement(ends));
                    tokens.expect(Token.Kind.BLOCK_END);
                }
                case END -> {
                    if (ends.length > 0) {
                        throw tokens.unexpected("the tag " + String.join(" or ", ends));
                    }
                    tokens.leave();
                    return statements;
                }
                case OUTPUT_END, BLOCK_END, NAME, STRING, INTEGER, REAL, OPERATOR ->
                    throw tokens.unexpected("text or a tag");
            }
        }
    }

    private Statement output() {
        int line = tokens.next().line();
        Expression value = expressions.tuple();
        tokens.expect(Token.Kind.OUTPUT_END);
        return new Statement.Output(List.of(value), line);
    }

    private Statement statement(String... ends) {
        Token tag = tokens.expect(Token.Kind.NAME);
        int line = tag.line();
        return switch (tag.text()) {
            case "if" -> ifStatement();
            case "for" -> forStatement(line);
            case "set" -> set(line);
            case "macro" -> macro(line);
            case "call" -> call(line);
            case "filter" -> filter(line);
            case "with" -> with(line);
            case "generation" -> new Statement.Enclosed(bodyThrough("endgeneration"));
            case "print" -> new Statement.Output(List.of(expressions.tuple()), line);
            case "do" -> new Statement.Do(expressions.tuple(), line);
            case "break" -> inLoop(tag, new Statement.Break());
            case "continue" -> inLoop(tag, new Statement.Continue());
            default -> throw unknown(tag, ends);
        };
    }

    private static TemplateError unknown(Token tag, String... ends) {
        String reason = NOT_ALONE.contains(tag.text())
                ? " needs other templates, and a chat template stands alone"
                : ends.length == 0
                        ? " is unknown"
                        : " is unknown here, where " + String.join(" or ", ends) + " is awaited";
        return TemplateError.syntax(tag.line(), "the tag " + tag.description() + reason);
    }

    private Statement inLoop(Token tag, Statement statement) {
        if (loops == 0) {
            throw TemplateError.syntax(tag.line(), "the tag " + tag.description() + " stands outside of a loop");
        }
        return statement;
    }

    /** The rest of an opening tag, a body, and the name of its end tag. */
    private List<Statement> bodyThrough(String end) {
        List<Statement> body = bodyUntil(end);
        tokens.next();
        return body;
    }

    private List<Statement> bodyUntil(String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Token.Kind.BLOCK_END);
        return body(ends);
    }

    private Statement ifStatement() {
        List<Statement.Branch> branches = new ArrayList<>();
        do {
            int line = tokens.line();
            Expression test = expressions.tuple();
            branches.add(new Statement.Branch(test, bodyUntil("elif", "else", "endif"), line));
        } while (tokens.skipName("elif"));
        List<Statement> otherwise = List.of();
        if (tokens.skipName("else")) {
            otherwise = bodyUntil("endif");
        }
        tokens.expectName("endif");
        return new Statement.If(branches, otherwise);
    }

    private Statement forStatement(int line) {
        Target target = target(false);
        tokens.expectName("in");
        Expression source = expressions.tupleWithoutConditional();
        Expression filter = tokens.skipName("if") ? expressions.conditional() : null;
        boolean recursive = tokens.skipName("recursive");
        loops++;
        List<Statement> body = bodyUntil("endfor", "else");
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.skipName("else")) {
            otherwise = bodyUntil("endfor");
        }
        tokens.expectName("endfor");
        return new Statement.For(target, source, filter, recursive, body, otherwise, line);
    }

    private Statement set(int line) {
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Statement.Set(target, expressions.tuple(), line);
        }
        List<Link> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            filters.add(expressions.filter());
        }
        return new Statement.SetBlock(target, filters, bodyThrough("endset"), line);
    }

    /** One target, or several with commas between. */
    private Target target(boolean membersToo) {
        Target first = oneTarget(membersToo);
        if (!tokens.isOperator(",")) {
            return first;
        }
        List<Target> targets = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && atTarget()) {
            targets.add(oneTarget(membersToo));
        }
        return new Target.Unpacked(targets);
    }

    private boolean atTarget() {
        return tokens.isOperator("(") || tokens.current().is(Token.Kind.NAME) && !tokens.isName("in");
    }

    private Target oneTarget(boolean membersToo) {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target inner = target(membersToo);
            tokens.leave();
            tokens.expectOperator(")");
            return inner;
        }
        String name = variable();
        if (membersToo && tokens.skipOperator(".")) {
            return new Target.Member(name, tokens.expect(Token.Kind.NAME).text());
        }
        return new Target.Variable(name);
    }

    private String variable() {
        Token name = tokens.expect(Token.Kind.NAME);
        if (Set.of("true", "True", "false", "False", "none", "None").contains(name.text())) {
            throw TemplateError.syntax(name.line(), name.description() + " is a constant and cannot be assigned to");
        }
        return name.text();
    }

    private Statement macro(int line) {
        return macro(variable(), parameters(), "endmacro", line);
    }

    private Statement.Macro macro(String name, List<Statement.Parameter> parameters, String end, int line) {
        Set<String> names = expressions.macroNames();
        Set<String> outer = Set.copyOf(names);
        names.clear();
        int outerLoops = loops;
        loops = 0;
        List<Statement> body = bodyThrough(end);
        loops = outerLoops;
        Statement.Macro macro = new Statement.Macro(
                name,
                parameters,
                names.contains("varargs"),
                names.contains("kwargs"),
                names.contains("caller"),
                body,
                line);
        names.addAll(outer);
        return macro;
    }

    private List<Statement.Parameter> parameters() {
        tokens.expectOperator("(");
        List<Statement.Parameter> parameters = new ArrayList<>();
        while (!tokens.skipOperator(")")) {
            String name = variable();
            @Nullable Expression byDefault = tokens.skipOperator("=") ? expressions.conditional() : null;
            parameters.add(new Statement.Parameter(name, byDefault));
            if (!tokens.isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return parameters;
    }

    private Statement call(int line) {
        List<Statement.Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
        if (!(expressions.conditional() instanceof Expression.Chain chain
                && chain.links().getLast() instanceof Link.Call)) {
            throw TemplateError.syntax(line, "the tag 'call' needs a call");
        }
        return new Statement.CallBlock(macro("caller", parameters, "endcall", line), chain, line);
    }

    private Statement filter(int line) {
        List<Link> filters = new ArrayList<>();
        do {
            filters.add(expressions.filter());
        } while (tokens.skipOperator("|"));
        return new Statement.FilterBlock(filters, bodyThrough("endfilter"), line);
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.current().is(Token.Kind.BLOCK_END)) {
            targets.add(oneTarget(false));
            tokens.expectOperator("=");
            values.add(expressions.conditional());
            if (!tokens.current().is(Token.Kind.BLOCK_END)) {
                tokens.expectOperator(",");
            }
        }
        return new Statement.With(targets, values, bodyThrough("endwith"), line);
    }
}
