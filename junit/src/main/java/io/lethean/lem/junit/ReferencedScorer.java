package io.lethean.lem.junit;

import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A scorer that is given the reference answers of questions. Its version has a hash of them, because other references are
 * another scorer.
 */
record ReferencedScorer(Scorer scorer, Map<String, Sample> references, String version) implements Scorer {

    private static final int SHORT_SUM = 12;

    static ReferencedScorer of(Scorer scorer, Map<String, Sample> references) {
        List<Object> all = new ArrayList<>();
        new TreeMap<>(references)
                .forEach((id, sample) -> all.add(List.of(id, new TreeMap<>(sample.fields()).toString())));
        String sum = Sha256.of(PythonJson.write(all)).substring(0, SHORT_SUM);
        return new ReferencedScorer(scorer, references, scorer.version() + "/references-" + sum);
    }

    @Override
    public String name() {
        return scorer.name();
    }

    @Override
    public Score score(Sample sample, String response) {
        Score score = scorer.score(references.getOrDefault(sample.id(), sample), response);
        return new Score(score.scorer(), version, score.value(), new LinkedHashMap<>(score.details()));
    }
}
