package io.lethean.lem.internal.jinja;

import org.jspecify.annotations.Nullable;

/** Tokens with one of look-ahead, and the depth of what is being parsed. */
final class TokenStream {

    private final Lexer lexer;
    private final int nestingLimit;
    private int nesting;
    private Token current;
    private @Nullable Token ahead;

    TokenStream(Lexer lexer, int nestingLimit) {
        this.lexer = lexer;
        this.nestingLimit = nestingLimit;
        this.current = lexer.next();
    }

    Token current() {
        return current;
    }

    int line() {
        return current.line();
    }

    Token ahead() {
        Token token = ahead == null ? lexer.next() : ahead;
        ahead = token;
        return token;
    }

    /** Takes the current token. */
    Token next() {
        Token taken = current;
        current = ahead();
        ahead = null;
        return taken;
    }

    boolean isOperator(String operator) {
        return current.isOperator(operator);
    }

    boolean isName(String name) {
        return current.isName(name);
    }

    boolean skipOperator(String operator) {
        boolean there = current.isOperator(operator);
        if (there) {
            next();
        }
        return there;
    }

    boolean skipName(String name) {
        boolean there = current.isName(name);
        if (there) {
            next();
        }
        return there;
    }

    Token expect(Token.Kind kind) {
        if (!current.is(kind)) {
            throw unexpected(kind.description());
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    TemplateError unexpected(String wanted) {
        return failure(wanted + " is expected and " + current.description() + " is found");
    }

    TemplateError failure(String message) {
        return TemplateError.syntax(current.line(), message);
    }

    /** Goes a level deeper; what recursion of the parser reads must be bounded. */
    void enter() {
        if (++nesting > nestingLimit) {
            throw TemplateError.limit(current.line(), "it nests deeper than " + nestingLimit + " levels");
        }
    }

    void leave() {
        leave(1);
    }

    void leave(int levels) {
        nesting -= levels;
    }
}
