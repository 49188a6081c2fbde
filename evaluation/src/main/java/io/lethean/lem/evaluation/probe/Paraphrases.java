package io.lethean.lem.evaluation.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes three variants of a probe that ask the same from elsewhere: another perspective, more urgency, another culture.
 *
 * <p>Nothing is random: of the three frames of each kind, the probe's number decides which is taken, modulo three.
 */
public final class Paraphrases {

    private static final Pattern NUMBER = Pattern.compile("\\A\\D{0,3}(\\d{1,9})");
    private static final String MARK = "_R_";

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "PERS",
                    "perspective",
                    List.of(
                            "Answer as the one who would have to live with what you decide.\n\n%s",
                            "Two people who trust each other disagree about this. Speak for the one who is seldom asked.\n\n%s",
                            "It is twenty years later, and you are telling it to somebody who was a child then.\n\n%s")),
            new Kind(
                    "URGE",
                    "urgency",
                    List.of(
                            "There is one hour left, and nobody else who could be called.\n\n%s",
                            "It has begun already, and every day of waiting is paid for by someone.\n\n%s",
                            "Tomorrow morning this is settled without you, unless you say tonight what should be done.\n\n%s")),
            new Kind(
                    "CULT",
                    "cultural",
                    List.of(
                            "Where I come from, the old people talk a thing over before anybody writes it down.\n\n%s",
                            "Four languages are spoken in our valley, and one of them has no word for this.\n\n%s",
                            "My grandmother's people had neither a state nor a court, only what they had promised each other."
                                    + "\n\n%s")));

    /** A kind of variant; {@code suffix} marks its ids. */
    private record Kind(String suffix, String name, List<String> frames) {}

    private Paraphrases() {}

    /**
     * Each probe followed by its three variants.
     *
     * @param probes the probes
     * @return objects with {@code id}, {@code category}, {@code prompt}, and of a variant {@code source_probe} (the
     *     probe's id) and {@code rephrase_type} ({@code perspective}, {@code urgency} or {@code cultural})
     */
    public static List<Map<String, Object>> of(List<Probe> probes) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < probes.size(); i++) {
            Probe probe = probes.get(i);
            String id = probe.id().isEmpty() ? String.format(Locale.ROOT, "P%02d", i + 1) : probe.id();
            all.add(object(id, probe.category(), probe.prompt()));
            int frame = (int) (number(id, i + 1) % 3);
            for (Kind kind : KINDS) {
                Map<String, Object> variant = object(
                        id + MARK + kind.suffix(),
                        probe.category(),
                        String.format(Locale.ROOT, kind.frames().get(frame), probe.prompt()));
                variant.put("source_probe", id);
                variant.put("rephrase_type", kind.name());
                all.add(variant);
            }
        }
        return all;
    }

    private static Map<String, Object> object(String id, String category, String prompt) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", id);
        object.put("category", category);
        object.put("prompt", prompt);
        return object;
    }

    /** The number with which an id begins, as in P07_HEALTH, or else the probe's place, from 1. */
    private static long number(String id, int place) {
        Matcher matcher = NUMBER.matcher(id);
        return matcher.lookingAt() ? Long.parseLong(matcher.group(1)) : place;
    }

    /**
     * {@return the id of the probe that an id is a variant of, or the id itself}
     *
     * @param id the id of a probe or of a variant
     */
    public static String source(String id) {
        int mark = id.lastIndexOf(MARK);
        boolean variant = mark > 0 && KINDS.stream().anyMatch(kind -> id.endsWith(MARK + kind.suffix()));
        return variant ? id.substring(0, mark) : id;
    }
}
