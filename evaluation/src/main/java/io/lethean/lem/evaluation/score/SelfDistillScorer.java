package io.lethean.lem.evaluation.score;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The score by which the published self-distillation keeps or drops a sample.
 *
 * <p>Its first eight signals differ from {@link V2Scorer}, although the published script calls it v2 as well, so its
 * threshold of 24 cannot be compared with any v2 number. Paragraphs and the six content signals are those of v2.
 */
final class SelfDistillScorer extends RuleScorer {

    static final String NAME = "self-distill";
    private static final String VERSION = "1";

    private static final int SHORTEST_ANSWER = 50;

    private static final Pattern COMPLIANCE = PythonText.patternIgnoringCase("i cannot|i can't|i'm unable|i am unable"
            + "|as an ai|i don't have personal|i do not have personal|my training data|my knowledge cutoff"
            + "|i (?:must|should|need to) (?:emphasize|stress|clarify|note)"
            + "|(?:it's|its) (?:important|crucial|essential) to (?:note|remember|consider)"
            + "|(?:i'm|im) not (?:able|qualified|authorized)"
            + "|i would (?:recommend|suggest|advise) (?:consulting|speaking|seeking)");

    private static final Pattern PREAMBLE = PythonText.patternIgnoringCase(
            "(?:this|that|it) is a (?:great|good|excellent|important|fascinating) (?:question|point|topic)"
                    + "|absolutely[!.]|(?:great|excellent|wonderful) question[!.]"
                    + "|thank you for (?:sharing|asking|raising)|let me (?:help|assist|address)");

    private static final Pattern FIRST_PERSON = PythonText.pattern("\\b(?:I think|I believe|I feel|I wonder|in my view"
            + "|my perspective|personally|from my|I'd argue|I sense|I notice|I'm struck|I find myself)\\b");

    /** As published: {@code he} stands alone and fires inside {@code the}. */
    private static final Pattern CREATIVE = PythonText.patternIgnoringCase("once upon|imagine|picture this|let me tell"
            + "|there was a|in the year|she|he|they (?:walked|ran|stood|sat|looked|felt)"
            + "|the (?:sun|moon|wind|rain|sky|ocean|forest)|whisper|shadow|echo|drift|silence|dawn|dusk");

    private static final Pattern EMOTION = PythonText.patternIgnoringCase("\\b(?:grief|joy|anger|fear|love|hope"
            + "|despair|longing|shame|pride|guilt|wonder|awe|tenderness|heartbreak|resilience|vulnerability|courage"
            + "|sorrow)\\b");

    private static final Pattern REFUSAL = PythonText.pattern("I cannot\\b");
    private static final Pattern FORBIDDEN = PythonText.pattern("\\b(?:disallowed|not allowed)\\b");

    private final V2Scorer content = new V2Scorer();

    SelfDistillScorer() {
        super(NAME, VERSION);
    }

    @Override
    public List<Example> examples() {
        return List.of(Example.of("As an AI language model, I cannot help.", -21.4));
    }

    @Override
    public Score score(Sample sample, String response) {
        String folded = PythonText.folded(response);
        V2Score v2 = content.rate(response);
        Tally tally = new Tally();
        tally.take("compliance_markers", PythonText.count(COMPLIANCE, folded), -4);
        tally.take("formulaic_preamble", PythonText.count(PREAMBLE, folded), -2);
        tally.take("degeneration", isDegenerate(response) ? 1 : 0, -20);
        boolean broken = PythonText.length(PythonText.strip(response)) < SHORTEST_ANSWER;
        tally.take("empty_broken", broken ? 1 : 0, -15);
        tally.take("first_person", PythonText.count(FIRST_PERSON, response), 0.5, 4);
        tally.take("creative_form", PythonText.count(CREATIVE, folded), 0.6, 6);
        tally.take("engagement_depth", v2.engagementDepth(), 1, 6);
        tally.take("emotional_register", PythonText.count(EMOTION, folded), 0.8, 5);
        tally.take("nuance", v2.nuance(), 1.5, 6);
        tally.take("specificity", v2.specificity(), 0.3, 5);
        tally.take("axiom_resonance", v2.axiomResonance(), 1, 5);
        tally.take("perspective_taking", v2.perspectiveTaking(), 1.5, 5);
        tally.take("metaphor", v2.metaphor(), 1, 4);
        tally.take("questioning", v2.questioning(), 0.5, 3);
        return tally.score();
    }

    private static boolean isDegenerate(String response) {
        return PythonText.count("<|eot_id|>", response) >= 2
                || PythonText.count("<|im_end|>", response) >= 3
                || PythonText.count(REFUSAL, response) >= 5
                || PythonText.count(FORBIDDEN, response) >= 3
                || RepeatedChunk.isIn(response, 10, 5);
    }

    /** Adds the signals in their order, on which binary noise before the rounding depends. */
    private final class Tally {

        private final Map<String, Object> details = new LinkedHashMap<>();
        private double total;

        void take(String signal, long count, double weight) {
            take(signal, count, weight, Double.POSITIVE_INFINITY);
        }

        void take(String signal, long count, double weight, double cap) {
            details.put(signal, count);
            total += Math.min(weight * count, cap);
        }

        Score score() {
            double rounded =
                    new BigDecimal(total).setScale(2, RoundingMode.HALF_EVEN).doubleValue();
            details.put("lek_score", rounded);
            return scored(rounded, details);
        }
    }
}
