package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The vocabulary of a BERT model: tokenizer.json, or vocab.txt of older folders with one token per line. */
final class WordPieceFiles {

    private static final String OLD = "vocab.txt";

    private WordPieceFiles() {}

    static TokenizerJson read(TokenizerFolder folder) throws IOException {
        if (folder.has(TokenizerJson.FILE)) {
            TokenizerJson json = TokenizerJsonReader.read(folder);
            if (!json.modelType().equals("WordPiece")) {
                throw folder.refuse(
                        "tokenizer-kind",
                        TokenizerJson.FILE,
                        "is of the kind " + Quoted.of(json.modelType())
                                + ", and of encoders those with word pieces (\"WordPiece\") can be converted");
            }
            return json;
        }
        if (!folder.has(OLD)) {
            throw folder.refuseFolder(
                    "tokenizer-files", "has neither tokenizer.json nor vocab.txt; copy them from the original model");
        }
        return ofLines(folder, folder.text(OLD).lines().toList());
    }

    private static TokenizerJson ofLines(TokenizerFolder folder, List<String> lines) {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String line : lines) {
            if (vocabulary.put(line, vocabulary.size()) != null) {
                throw folder.refuse("tokenizer-ids", OLD, "holds the token " + Quoted.of(line) + " twice");
            }
        }
        var none = TokenizerFolder.JSON.createObjectNode();
        return new TokenizerJson("WordPiece", none, vocabulary, List.of(), false, List.of(), none);
    }
}
