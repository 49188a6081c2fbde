package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Tokenizes a text as the tokenizers library does it with a tokenizer.json. */
final class HfEncoder {

    private final Pipeline pipeline;
    private final UnaryOperator<String> normalizer;
    private final Splitter splitter;
    private final WordModel model;
    private final PostProcessor postProcessor;
    private final AddedTokenFinder original = new AddedTokenFinder();
    private final AddedTokenFinder normalized = new AddedTokenFinder();

    HfEncoder(TokenizerSource source, Pipeline pipeline) throws UnknownStepException {
        this.pipeline = pipeline;
        this.normalizer = Normalizers.of(pipeline.normalizer());
        this.splitter = PreTokenizers.of(pipeline.preTokenizer());
        this.model = model(source, pipeline);
        this.postProcessor = new PostProcessor(source);
        for (AddedToken token : source.added().all()) {
            if (token.normalized() && !token.special()) {
                normalized.add(withText(token, normalizer.apply(token.content())));
            } else {
                original.add(token);
            }
        }
        original.sort();
        normalized.sort();
    }

    private static WordModel model(TokenizerSource source, Pipeline pipeline) throws UnknownStepException {
        return switch (source.json().modelType()) {
            case "BPE" -> BytePairModel.of(source, pipeline.ignoresMerges());
            case "WordPiece" -> new WordPieceModel(source);
            default ->
                throw new UnknownStepException(
                        "the model " + Quoted.of(source.json().modelType()));
        };
    }

    private static AddedToken withText(AddedToken token, String text) {
        return new AddedToken(
                token.id(), text, token.special(), true, token.leftStrip(), token.rightStrip(), token.singleWord());
    }

    /** The tokens of a text, without those that are put around it. */
    List<Integer> plain(String text) {
        List<Integer> tokens = new ArrayList<>();
        for (AddedTokenFinder.Part part : original.parts(text)) {
            if (part.token() != null) {
                tokens.add(part.token().id());
            } else {
                encodeNormalized(normalizer.apply(part.text()), tokens);
            }
        }
        return tokens;
    }

    private void encodeNormalized(String text, List<Integer> target) {
        for (AddedTokenFinder.Part part : normalized.parts(text)) {
            if (part.token() != null) {
                target.add(part.token().id());
            } else {
                splitter.split(part.text()).forEach(word -> model.encode(word, target));
            }
        }
    }

    /** Puts those tokens around that the post-processor adds. */
    List<Integer> whole(List<Integer> plain) throws UnknownStepException {
        return postProcessor.around(pipeline.postProcessor(), plain);
    }
}
