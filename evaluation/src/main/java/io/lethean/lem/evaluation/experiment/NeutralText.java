package io.lethean.lem.evaluation.experiment;

import io.lethean.lem.evaluation.kernel.Kernel;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * Text that says nothing that matters, as long as wanted: the stock list of a depot that does not exist.
 *
 * <p>As a control for a kernel's length it must not repeat itself, which would be a signal of its own, and must be
 * plain prose, since noise changes a model too. Sentences are made from a few patterns with words and numbers that
 * differ each time.
 */
public final class NeutralText {

    private static final List<String> PATTERNS = List.of(
            "The %1$s on shelf %4$d holds %5$d %2$s of %3$s.",
            "Row %5$d of the plan lists the %1$s by the %6$s at %4$d centimetres.",
            "On %7$s the %6$s receives %4$d %2$s and sends %5$d back.",
            "The pipe behind the %6$s is %5$d metres long and %4$d centimetres wide.", // words:ok
            "A %1$s with a grey lid stands between the %6$s and pillar %4$d.",
            "In week %4$d the scale by the %6$s showed %5$d kilograms of %3$s.",
            "Spare %2$s are kept with the %3$s, in bay %4$d, under label %5$d.",
            "The %3$s is counted on %7$s, the %2$s a day later, and the sheet goes to the %6$s.");
    private static final List<String> CONTAINERS =
            List.of("box", "crate", "drawer", "barrel", "tray", "rack", "sack", "tin", "bin", "chest", "basket");
    private static final List<String> THINGS = List.of(
            "rolls", "sheets", "bolts", "rods", "tiles", "cones", "plates", "hoses", "rings", "hooks", "caps", "cords",
            "slats");
    private static final List<String> MATERIALS = List.of(
            "copper", "felt", "cork", "paper", "zinc", "oak", "clay", "rubber", "linen", "slate", "wax", "brass",
            "jute", "glass", "tin", "pine", "lead");
    private static final List<String> PLACES = List.of(
            "north gate",
            "pump house",
            "loading ramp",
            "lift",
            "coal store",
            "yard",
            "boiler",
            "workbench",
            "side door",
            "weighbridge",
            "office window",
            "ladder",
            "drying room",
            "fan",
            "tap",
            "cable drum",
            "sorting table",
            "siding",
            "cellar stairs");
    private static final List<String> DAYS =
            List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

    /** What may end the text; each is a token of its own, or a few, in any tokenizer. */
    private static final List<String> FILLERS =
            List.of(".", " And", " so", " on", " a", " b", " c", " 1", " 2", ",", ";", "-", "1", "x");

    private static final int MOST_WORDS_BACK = 40;

    private final ToIntFunction<String> tokens;
    private final int target;

    private NeutralText(ToIntFunction<String> tokens, int target) {
        this.tokens = tokens;
        this.target = target;
    }

    /**
     * {@return a neutral text of as many tokens as a kernel, named {@code neutral-} and the kernel's name}
     *
     * @param kernel the kernel with the length to match
     * @param tokens the number of tokens of a text as part of the prompt
     * @throws IllegalArgumentException if no text with exactly this number of tokens is found
     */
    public static Kernel matching(Kernel kernel, ToIntFunction<String> tokens) {
        int target = tokens.applyAsInt(kernel.text());
        return Kernel.ofText("neutral-" + kernel.name(), new NeutralText(tokens, target).text(kernel.name()));
    }

    private String text(String kernel) {
        String text = longest();
        for (int back = 0; back < MOST_WORDS_BACK; back++) {
            String filled = filled(text);
            if (tokens.applyAsInt(filled) == target) {
                return filled;
            }
            text = text.substring(0, Math.max(0, text.lastIndexOf(' ')));
        }
        throw new IllegalArgumentException(String.format(
                Locale.ROOT,
                "No neutral text of as many tokens as the kernel '%s' was found for this tokenizer.",
                kernel));
    }

    /** The most words of the stock list that are not too many tokens. */
    private String longest() {
        StringBuilder text = new StringBuilder();
        String next = sentence(0);
        for (int i = 1; tokens.applyAsInt(text + next) <= target; i++) {
            text.append(next);
            next = " " + sentence(i);
        }
        for (String word : next.split("(?<=\\S)(?= )", 0)) {
            if (tokens.applyAsInt(text + word) > target) {
                break;
            }
            text.append(word);
        }
        return text.toString();
    }

    /** The text with fillers while they bring it nearer to the target and not beyond it. */
    private String filled(String text) {
        String filled = text;
        int count = tokens.applyAsInt(filled);
        boolean grown = true;
        while (count < target && grown) {
            grown = false;
            for (String filler : FILLERS) {
                int with = tokens.applyAsInt(filled + filler);
                if (with > count && with <= target) {
                    filled += filler;
                    count = with;
                    grown = true;
                    break;
                }
            }
        }
        return filled;
    }

    /** The sentence at a place of the endless list; steps through the words that no two sentences near by share. */
    static String sentence(int i) {
        return String.format(
                Locale.ROOT,
                PATTERNS.get(i % PATTERNS.size()),
                word(CONTAINERS, i, 3),
                word(THINGS, i, 5),
                word(MATERIALS, i, 7),
                4 + i * 7L % 24,
                31 + i * 13L % 467,
                word(PLACES, i, 11),
                word(DAYS, i, 2));
    }

    private static String word(List<String> words, int i, int step) {
        return words.get((int) ((i * (long) step + i / PATTERNS.size()) % words.size()));
    }
}
