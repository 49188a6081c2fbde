package io.lethean.lem.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Keeps every score that it is asked to choose by, to the last bit, and chooses greedily or what it is told to. */
final class ScoreRecorder implements TokenSelector {

    final List<float[]> rows = new ArrayList<>();
    private final int vocabularySize;
    private final List<Integer> forced;
    private final Runnable eachTime;

    /** @param forced the tokens to choose first */
    ScoreRecorder(int vocabularySize, List<Integer> forced) {
        this(vocabularySize, forced, () -> {});
    }

    /** @param eachTime run before each choice */
    ScoreRecorder(int vocabularySize, List<Integer> forced, Runnable eachTime) {
        this.vocabularySize = vocabularySize;
        this.forced = forced;
        this.eachTime = eachTime;
    }

    @Override
    public int select(MemorySegment logits, TokenHistory history) {
        eachTime.run();
        float[] row = logits.asSlice(0, vocabularySize * 4L).toArray(ValueLayout.JAVA_FLOAT);
        int at = rows.size();
        rows.add(row);
        return at < forced.size() ? forced.get(at) : Logits.argmax(row);
    }

    /** The log-probability of each token that was chosen. */
    List<Double> logProbabilities(List<Integer> chosen) {
        List<Double> result = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            result.add(new LogSoftmax(rows.get(i)).of(chosen.get(i)));
        }
        return result;
    }
}
