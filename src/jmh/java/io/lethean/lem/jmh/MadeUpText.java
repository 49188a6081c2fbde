package io.lethean.lem.jmh;

import io.lethean.lem.model.LemModel;
import java.util.List;
import java.util.SplittableRandom;

/** Texts of a given length in a model's own tokens. */
final class MadeUpText {

    private static final int FIRST_TOKEN = 400;
    private static final int LAST_TOKEN = 5000;

    private MadeUpText() {}

    /** Made-up words that are exactly so many tokens, with those that the model puts in front. */
    static String of(LemModel model, SplittableRandom random, int tokens) {
        int last = Math.min(LAST_TOKEN, model.tokenizer().vocabularySize());
        int first = Math.min(FIRST_TOKEN, last / 2);
        String text = "";
        int count = 0;
        while (count < tokens) {
            String word = model.detokenize(List.of(random.nextInt(first, last))).strip();
            String longer = text.isEmpty() ? word : text + " " + word;
            int more = model.tokenize(longer).size();
            if (more > count && more <= tokens) {
                text = longer;
                count = more;
            }
        }
        return text;
    }
}
