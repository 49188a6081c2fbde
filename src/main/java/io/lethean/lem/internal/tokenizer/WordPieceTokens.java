package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.OptionalInt;

/** A word-piece vocabulary, written with a space before each word in place of marks before continuations. */
final class WordPieceTokens {

    private static final String CONTINUATION = "##";

    private WordPieceTokens() {}

    static void put(TokenizerFolder folder, TokenizerRequest request, PreTokenizerProof proof, TokenizerValues values)
            throws IOException {
        TokenizerJson json = WordPieceFiles.read(folder);
        TokenizerSource source = TokenizerSource.load(folder, json, request.vocabularySize());
        TokenList tokens = VocabularyTokens.of(source, request.vocabularySize());
        PreTokenizer preTokenizer = PreTokenizer.ofWordPieces(source, request.preTokenizer());
        values.id("tokenizer.ggml.token_type_count", request.tokenTypes().orElse(1));
        values.text("tokenizer.ggml.model", "bert");
        values.text("tokenizer.ggml.pre", preTokenizer.name());
        withPhantomSpaces(tokens).putWithoutScores(values);
        SpecialTokens.put(folder, folder.has(TokenizerJson.FILE) ? json : null, OptionalInt.of(tokens.size()), values);
        preTokenizer.prove(values.metadata(), proof);
    }

    private static TokenList withPhantomSpaces(TokenList tokens) {
        TokenList result = new TokenList(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String text = tokens.text(id);
            if (tokens.type(id) != TokenType.CONTROL) {
                text = text.startsWith(CONTINUATION)
                        ? text.substring(CONTINUATION.length())
                        : SentencePieceTokens.SPACE + text;
            }
            result.set(id, text, tokens.type(id));
        }
        return result;
    }
}
