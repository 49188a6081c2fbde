package io.lethean.lem.evaluation.score;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The verbs and nouns that the grammar scorer knows, by any of their forms.
 *
 * <p>The word lists are this project's own. Regular forms are derived; where a form belongs to two words the one listed
 * first keeps it, so that irregular words win.
 */
final class EnglishLexicon {

    /** The tenses that an imprint tells apart. */
    enum Tense {
        PAST,
        GERUND,
        BASE
    }

    record VerbForm(String base, Tense tense) {}

    record NounForm(String base, boolean plural) {}

    private static final String VOWELS = "aeiou";

    private static final List<String> STRESSED_AT_END = List.of(
            "admit",
            "begin",
            "commit",
            "compel",
            "defer",
            "embed",
            "emit",
            "equip",
            "forbid",
            "forget",
            "infer",
            "occur",
            "permit",
            "prefer",
            "rebel",
            "refer",
            "regret",
            "submit",
            "transfer",
            "transmit",
            "upset");

    private static final Map<String, VerbForm> VERBS = verbs();
    private static final Map<String, NounForm> NOUNS = nouns();

    private EnglishLexicon() {}

    /** The verb of which a lower-case word is a form; null if it is not a form of a known verb. */
    static @Nullable VerbForm verb(String word) {
        return VERBS.get(word);
    }

    /** The noun of which a lower-case word is a form; null if it is not a form of a known noun. */
    static @Nullable NounForm noun(String word) {
        return NOUNS.get(word);
    }

    private static Map<String, VerbForm> verbs() {
        Map<String, VerbForm> forms = new HashMap<>();
        for (String entry : entries("english-verbs.txt")) {
            String[] parts = entry.split("/", -1);
            String base = parts[0];
            forms.putIfAbsent(base, new VerbForm(base, Tense.BASE));
            forms.putIfAbsent(withS(base), new VerbForm(base, Tense.BASE));
            forms.putIfAbsent(gerund(base), new VerbForm(base, Tense.GERUND));
            for (String past : parts.length == 3 ? List.of(parts[1], parts[2]) : List.of(past(base))) {
                forms.putIfAbsent(past, new VerbForm(base, Tense.PAST));
            }
        }
        return Map.copyOf(forms);
    }

    private static Map<String, NounForm> nouns() {
        Map<String, NounForm> forms = new HashMap<>();
        for (String entry : entries("english-nouns.txt")) {
            String[] parts = entry.split("/", -1);
            forms.putIfAbsent(parts[0], new NounForm(parts[0], false));
            forms.putIfAbsent(parts.length == 2 ? parts[1] : withS(parts[0]), new NounForm(parts[0], true));
        }
        return Map.copyOf(forms);
    }

    private static List<String> entries(String resource) {
        List<String> entries = new ArrayList<>();
        try (InputStream in = EnglishLexicon.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("The word list " + resource + " is missing from this build of lem.");
            }
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> entries.addAll(PythonText.words(line)));
        } catch (IOException e) {
            throw new UncheckedIOException("The word list " + resource + " cannot be read.", e);
        }
        return entries;
    }

    private static String withS(String base) {
        if (endsInConsonantAndY(base)) {
            return base.substring(0, base.length() - 1) + "ies";
        }
        boolean hissing = base.endsWith("s")
                || base.endsWith("x")
                || base.endsWith("z")
                || base.endsWith("ch")
                || base.endsWith("sh")
                || base.equals("go")
                || base.equals("hero")
                || base.equals("echo");
        return base + (hissing ? "es" : "s");
    }

    private static String gerund(String base) {
        if (base.endsWith("ie")) {
            return base.substring(0, base.length() - 2) + "ying";
        }
        boolean dropsE = base.endsWith("e") && !base.endsWith("ee") && !base.endsWith("oe") && !base.endsWith("ye");
        return (dropsE ? base.substring(0, base.length() - 1) : doubled(base)) + "ing";
    }

    private static String past(String base) {
        if (base.endsWith("e")) {
            return base + "d";
        }
        return endsInConsonantAndY(base) ? base.substring(0, base.length() - 1) + "ied" : doubled(base) + "ed";
    }

    private static boolean endsInConsonantAndY(String base) {
        int n = base.length();
        return n > 1 && base.charAt(n - 1) == 'y' && VOWELS.indexOf(base.charAt(n - 2)) < 0;
    }

    /** Doubles the last consonant of a word of one syllable, and of the few longer ones stressed at the end. */
    private static String doubled(String base) {
        int n = base.length();
        if (n < 3
                || "wxy".indexOf(base.charAt(n - 1)) >= 0
                || isVowel(base, n - 1)
                || !isVowel(base, n - 2)
                || isVowel(base, n - 3)) {
            return base;
        }
        long vowels = base.chars().filter(c -> VOWELS.indexOf(c) >= 0).count();
        boolean stressedAtEnd = vowels == 1 || STRESSED_AT_END.contains(base) || base.endsWith("el");
        return stressedAtEnd ? base + base.charAt(n - 1) : base;
    }

    private static boolean isVowel(String word, int index) {
        char c = word.charAt(index);
        return VOWELS.indexOf(c) >= 0 && !(c == 'u' && index > 0 && word.charAt(index - 1) == 'q');
    }
}
