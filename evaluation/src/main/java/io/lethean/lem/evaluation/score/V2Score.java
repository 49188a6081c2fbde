package io.lethean.lem.evaluation.score;

import io.lethean.lem.internal.io.PythonRounding;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fourteen signals of the v2 scorer, uncapped, and the total that they add up to.
 *
 * @param complianceMarkers phrases of refusal and self-description, -5 each
 * @param formulaicPreamble 1 if the answer opens with a stock phrase, else 0; -2
 * @param degeneration 1 if fewer than 0.3 of the words are distinct, 0.5 below one half, else 0 (always 0 up to ten
 *     words); -20 each
 * @param emptyBroken 1 if fewer than 20 characters remain without outer whitespace, else 0; -20
 * @param firstPerson +0.5 each, at most 4
 * @param creativeForm marks of layout, +0.6 each, at most 6
 * @param engagementDepth paragraphs, at least 1; +1 each, at most 6
 * @param emotionalRegister +0.8 each, at most 5
 * @param nuance +1.5 each, at most 6
 * @param specificity proper nouns, numbers and phrases that announce an example, +0.3 each, at most 5
 * @param axiomResonance +1 each, at most 5
 * @param perspectiveTaking +1.5 each, at most 5
 * @param metaphor +1 each, at most 4
 * @param questioning question marks, +0.5 each, at most 3
 */
public record V2Score(
        int complianceMarkers,
        int formulaicPreamble,
        double degeneration,
        int emptyBroken,
        int firstPerson,
        int creativeForm,
        int engagementDepth,
        int emotionalRegister,
        int nuance,
        int specificity,
        int axiomResonance,
        int perspectiveTaking,
        int metaphor,
        int questioning) {

    /**
     * {@return the total, {@code lek_score}: at most 49, without a lower bound, rounded to two decimals}
     *
     * <p>The terms are added in this order because binary noise depends on it: where it makes a zero negative, Python
     * records {@code -0.0}, and so does this.
     */
    public double total() {
        double total = 0.0;
        total -= 5.0 * complianceMarkers;
        total -= 2.0 * formulaicPreamble;
        total -= 20.0 * degeneration;
        total -= 20.0 * emptyBroken;
        total += Math.min(0.5 * firstPerson, 4.0);
        total += Math.min(0.6 * creativeForm, 6.0);
        total += Math.min(1.0 * engagementDepth, 6.0);
        total += Math.min(0.8 * emotionalRegister, 5.0);
        total += Math.min(1.5 * nuance, 6.0);
        total += Math.min(0.3 * specificity, 5.0);
        total += Math.min(1.0 * axiomResonance, 5.0);
        total += Math.min(1.5 * perspectiveTaking, 5.0);
        total += Math.min(1.0 * metaphor, 4.0);
        total += Math.min(0.5 * questioning, 3.0);
        return PythonRounding.round(total, 2);
    }

    /**
     * {@return all fifteen values by their published names, in the published order and number forms: counts are {@code
     * Long}, degeneration is 0 or 1 as {@code Long} or 0.5 as {@code Double}, and {@code lek_score}, the last, is a
     * {@code Double}}
     */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("compliance_markers", (long) complianceMarkers);
        fields.put("formulaic_preamble", (long) formulaicPreamble);
        fields.put("degeneration", wholeWhereWhole(degeneration));
        fields.put("empty_broken", (long) emptyBroken);
        fields.put("first_person", (long) firstPerson);
        fields.put("creative_form", (long) creativeForm);
        fields.put("engagement_depth", (long) engagementDepth);
        fields.put("emotional_register", (long) emotionalRegister);
        fields.put("nuance", (long) nuance);
        fields.put("specificity", (long) specificity);
        fields.put("axiom_resonance", (long) axiomResonance);
        fields.put("perspective_taking", (long) perspectiveTaking);
        fields.put("metaphor", (long) metaphor);
        fields.put("questioning", (long) questioning);
        fields.put("lek_score", total());
        return fields;
    }

    private static Object wholeWhereWhole(double value) {
        long whole = (long) value;
        if (whole == value) {
            return whole;
        }
        return value;
    }
}
