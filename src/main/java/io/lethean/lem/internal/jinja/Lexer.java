package io.lethean.lem.internal.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens, one at a time, and applies the whitespace control: {@code -} and {@code +} in tags;
 * spaces before a block on its own line and one newline after a block are dropped.
 */
final class Lexer {

    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",");

    private final String source;
    private int position;
    private int line = 1;
    private final Deque<Token> ready = new ArrayDeque<>();

    /** The kind that ends the tag we are in, or DATA between tags. */
    private Token.Kind until = Token.Kind.DATA;

    private final StringBuilder openBrackets = new StringBuilder();

    Lexer(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    /** The next token; after the last one, END again and again. */
    Token next() {
        while (ready.isEmpty()) {
            if (until == Token.Kind.DATA) {
                readText();
            } else {
                readInTag();
            }
        }
        return ready.remove();
    }

    private void readText() {
        int start = position;
        int tag = findTag(start);
        if (tag < 0) {
            emit(Token.Kind.DATA, source.substring(start));
            advance(source.length());
            ready.add(new Token(Token.Kind.END, "", line));
            return;
        }
        char sign = charAt(tag + 2) == '-' || charAt(tag + 2) == '+' ? source.charAt(tag + 2) : ' ';
        boolean onNewLine = start == 0 || source.charAt(start - 1) == '\n';
        emit(Token.Kind.DATA, textBefore(source.substring(start, tag), source.charAt(tag + 1), sign, onNewLine));
        advance(tag + (sign == ' ' ? 2 : 3));
        switch (source.charAt(tag + 1)) {
            case '#' -> skipComment();
            case '%' -> openBlock();
            default -> open(Token.Kind.OUTPUT_BEGIN, Token.Kind.OUTPUT_END);
        }
    }

    private int findTag(int from) {
        int at = source.indexOf('{', from);
        while (at >= 0 && "{%#".indexOf(charAt(at + 1)) < 0) {
            at = source.indexOf('{', at + 1);
        }
        return at;
    }

    private static String textBefore(String text, char tag, char sign, boolean onNewLine) {
        if (sign == '-') {
            return Characters.stripRight(text);
        }
        if (sign == '+' || tag == '{') {
            return text;
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean blank = Characters.stripRight(text.substring(lineStart)).isEmpty();
        return blank && (lineStart > 0 || onNewLine) ? text.substring(0, lineStart) : text;
    }

    private void skipComment() {
        int end = source.indexOf("#}", position);
        if (end < 0) {
            throw TemplateError.syntax(line, "a comment has no end #}");
        }
        char sign = end > position ? source.charAt(end - 1) : ' ';
        advance(end + 2);
        trimAfter(sign, true);
    }

    private void openBlock() {
        int end = afterWord("raw", position);
        if (end < 0) {
            open(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END);
            return;
        }
        char sign = source.charAt(end - 3);
        advance(end);
        if (sign == '-') {
            trimAfter(sign, false);
        }
        readRaw();
    }

    /** Where a tag that holds only this word ends, or -1. */
    private int afterWord(String word, int from) {
        int at = skipSpace(from);
        if (!source.startsWith(word, at)) {
            return -1;
        }
        at = skipSpace(at + word.length());
        if (charAt(at) == '-' || charAt(at) == '+') {
            at++;
        }
        return source.startsWith("%}", at) ? at + 2 : -1;
    }

    private void readRaw() {
        int start = position;
        for (int tag = source.indexOf("{%", start); tag >= 0; tag = source.indexOf("{%", tag + 2)) {
            char sign = charAt(tag + 2) == '-' || charAt(tag + 2) == '+' ? source.charAt(tag + 2) : ' ';
            int end = afterWord("endraw", tag + (sign == ' ' ? 2 : 3));
            if (end >= 0) {
                boolean onNewLine = source.charAt(start - 1) == '\n';
                emit(Token.Kind.DATA, textBefore(source.substring(start, tag), '%', sign, onNewLine));
                advance(end);
                trimAfter(source.charAt(end - 3), true);
                return;
            }
        }
        throw TemplateError.syntax(line, "a raw block has no end");
    }

    private void open(Token.Kind begin, Token.Kind end) {
        ready.add(new Token(begin, "", line));
        until = end;
    }

    private void readInTag() {
        advance(skipSpace(position));
        if (position >= source.length()) {
            throw TemplateError.syntax(line, "a tag has no end " + until.description());
        }
        char c = source.charAt(position);
        if (openBrackets.isEmpty() && readTagEnd(c)) {
            return;
        }
        if (c >= '0' && c <= '9') {
            readNumber();
        } else if (c == '\'' || c == '"') {
            readString(c);
        } else if (Character.isUnicodeIdentifierStart(source.codePointAt(position)) || c == '_') {
            readName();
        } else {
            readOperator();
        }
    }

    private boolean readTagEnd(char c) {
        String end = until.description();
        boolean signed = c == '-' || c == '+' && until == Token.Kind.BLOCK_END;
        if (!source.startsWith(end, signed ? position + 1 : position)) {
            return false;
        }
        ready.add(new Token(until, "", line));
        advance(position + (signed ? 3 : 2));
        trimAfter(signed ? c : ' ', until == Token.Kind.BLOCK_END);
        until = Token.Kind.DATA;
        return true;
    }

    /** Skips what a tag's end swallows: all white space after a minus, one newline after a block. */
    private void trimAfter(char sign, boolean block) {
        if (sign == '-') {
            advance(skipSpace(position));
        } else if (block && sign != '+' && charAt(position) == '\n') {
            advance(position + 1);
        }
    }

    private void readNumber() {
        int end = NumberLiteral.end(source, position, position > 0 && source.charAt(position - 1) == '.');
        String digits = source.substring(position, end);
        emit(NumberLiteral.isReal(digits) ? Token.Kind.REAL : Token.Kind.INTEGER, digits);
        advance(end);
    }

    private void readString(char quote) {
        int end = position + 1;
        while (charAt(end) != quote) {
            end += charAt(end) == '\\' ? 2 : 1;
            if (end >= source.length()) {
                throw TemplateError.syntax(line, "a string has no end " + quote);
            }
        }
        ready.add(new Token(Token.Kind.STRING, Escapes.decode(source.substring(position + 1, end), line), line));
        advance(end + 1);
    }

    private void readName() {
        int end = position;
        while (end < source.length() && isNamePart(source.codePointAt(end))) {
            end += Character.charCount(source.codePointAt(end));
        }
        emit(Token.Kind.NAME, source.substring(position, end));
        advance(end);
    }

    private static boolean isNamePart(int c) {
        return c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
    }

    private void readOperator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                balance(operator);
                emit(Token.Kind.OPERATOR, operator);
                advance(position + operator.length());
                return;
            }
        }
        throw TemplateError.syntax(
                line, "the character '" + Character.toString(source.codePointAt(position)) + "' means nothing here");
    }

    /** Inside brackets, two closing braces are the ends of mappings and not of the tag. */
    private void balance(String operator) {
        char c = operator.charAt(0);
        int closing = ")]}".indexOf(c);
        if ("([{".indexOf(c) >= 0) {
            openBrackets.append(c);
        } else if (closing >= 0) {
            int last = openBrackets.length() - 1;
            if (last < 0 || openBrackets.charAt(last) != "([{".charAt(closing)) {
                throw TemplateError.syntax(line, "'" + c + "' closes nothing");
            }
            openBrackets.setLength(last);
        }
    }

    private int skipSpace(int from) {
        int at = from;
        while (at < source.length() && Characters.isSpace(source.charAt(at))) {
            at++;
        }
        return at;
    }

    /** The char there, or NUL past the end. */
    private char charAt(int index) {
        return index < source.length() ? source.charAt(index) : '\0';
    }

    private void emit(Token.Kind kind, String text) {
        if (kind != Token.Kind.DATA || !text.isEmpty()) {
            ready.add(new Token(kind, text, line));
        }
    }

    private void advance(int to) {
        for (int i = position; i < to && i < source.length(); i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        position = to;
    }
}
