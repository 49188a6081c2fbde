package io.lethean.lem.convert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The components of a model's name, such as {@code HuggingFaceTB/SmolLM2-135M-Instruct}, by the rules of gguf-py.
 *
 * @param name the name without the organization
 * @param organization before the slash
 * @param basename the series, such as {@code SmolLM2}
 * @param finetune what it was tuned for, such as {@code Instruct}
 * @param version such as {@code v0.3}
 * @param sizeLabel such as {@code 135M}
 */
record ModelName(
        String name,
        @Nullable String organization,
        @Nullable String basename,
        @Nullable String finetune,
        @Nullable String version,
        @Nullable String sizeLabel) {

    private static final Pattern VERSION = caseless("(v|iter)?\\d+([.]\\d+)*");
    private static final Pattern TYPE = caseless("i?q\\d(_\\w)*|b?fp?(16|32)");
    private static final Pattern SIZE =
            caseless("(([A]|\\d+[x])?\\d+([._]\\d+)?[KMBT][\\d]?|small|mini|medium|large|x?xl)");
    private static final Pattern TUNED = caseless("chat|instruct|vision|lora");
    private static final Pattern UNTITLED = Pattern.compile("v\\d+(?:\\.\\d+)*|\\d.*");

    private enum Kind {
        BASENAME,
        SIZE,
        FINETUNE,
        VERSION,
        TYPE
    }

    /** A part of the name between two dashes. */
    private static final class Part {
        private String text;
        private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);

        Part(String text) {
            this.text = text;
        }
    }

    private static Pattern caseless(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
    }

    /**
     * Reads a name.
     *
     * @param parameters how many values the model has; a size far from it is taken for a context length
     */
    static ModelName of(String id, long parameters) {
        if (id.contains(" ")) {
            return new ModelName(id, null, null, null, null, null);
        }
        int slash = id.indexOf('/');
        String name = id.substring(slash + 1);
        String organization = slash < 0 || id.startsWith(".") ? null : id.substring(0, slash);
        List<Part> parts = Arrays.stream(name.split("-", -1))
                .filter(text -> !text.isEmpty())
                .map(Part::new)
                .toList();
        for (int i = 0; i < parts.size(); i++) {
            classify(parts.get(i), i, parameters);
        }
        dropWordSizes(parts);
        markBasename(parts);
        String finetune = joined(parts, part -> part.kinds.contains(Kind.FINETUNE));
        String version =
                joined(parts, part -> part.kinds.contains(Kind.VERSION) && !part.kinds.contains(Kind.BASENAME));
        String size = sizes(parts);
        boolean ambiguous = size == null && finetune == null && version == null;
        String basename = ambiguous ? null : joined(parts, part -> part.kinds.contains(Kind.BASENAME));
        return new ModelName(name, organization, basename, finetune, version, size);
    }

    private static void classify(Part part, int index, long parameters) {
        if (VERSION.matcher(part.text).matches()) {
            part.kinds.add(Kind.VERSION);
        } else if (TYPE.matcher(part.text).matches()) {
            part.kinds.add(Kind.TYPE);
            part.text = part.text.toUpperCase(Locale.ROOT);
        } else if (index > 0 && SIZE.matcher(part.text).matches()) {
            classifySize(part, parameters);
        } else if (index > 0 && TUNED.matcher(part.text).matches()) {
            part.kinds.add(Kind.FINETUNE);
        }
    }

    private static void classifySize(Part part, long parameters) {
        String text = part.text.replace('_', '.');
        char last = text.charAt(text.length() - 1);
        if (Character.isDigit(last)) {
            // 7b1 stands for 7.1b.
            text = text.substring(0, text.length() - 2) + "." + last + text.charAt(text.length() - 2);
        }
        int end = text.length() - 1;
        if (end > 0 && Character.isDigit(text.charAt(end - 1)) && "kmbt".indexOf(text.charAt(end)) >= 0) {
            text = text.substring(0, end) + text.substring(end).toUpperCase(Locale.ROOT);
        }
        part.kinds.add(Kind.SIZE);
        long most = 7 * parameters / 8;
        Optional<Double> size = parameters == 0 ? Optional.empty() : size(text);
        if (size.isPresent() && Math.abs(size.get() - parameters) > most) {
            part.kinds.remove(Kind.SIZE);
            part.kinds.add(Kind.FINETUNE);
            text = text.substring(0, end) + text.substring(end).toLowerCase(Locale.ROOT);
        }
        part.text = text;
    }

    private static Optional<Double> size(String text) {
        String number = text.substring(0, text.length() - 1);
        if (!number.matches("\\d+(\\.\\d+)?")) {
            return Optional.empty();
        }
        int power = " KMBT".indexOf(text.charAt(text.length() - 1));
        return Optional.of(Double.parseDouble(number) * Math.pow(1000, power));
    }

    private static void dropWordSizes(List<Part> parts) {
        boolean hasDigits = parts.stream()
                .anyMatch(part ->
                        part.kinds.contains(Kind.SIZE) && part.text.chars().anyMatch(Character::isDigit));
        for (Part part : parts) {
            if (hasDigits && part.text.chars().allMatch(Character::isLetter)) {
                part.kinds.remove(Kind.SIZE);
            }
        }
    }

    private static void markBasename(List<Part> parts) {
        boolean atStart = true;
        for (Part part : parts) {
            boolean plain = part.kinds.isEmpty() && Character.isLetter(part.text.codePointAt(0));
            if (atStart && (plain || part.kinds.contains(Kind.VERSION))) {
                part.kinds.add(Kind.BASENAME);
            } else {
                atStart = false;
                if (part.kinds.isEmpty()) {
                    part.kinds.add(Kind.FINETUNE);
                }
            }
        }
        for (Part part : parts.reversed()) {
            if (!part.kinds.contains(Kind.BASENAME) || part.kinds.size() == 1) {
                break;
            }
            part.kinds.remove(Kind.BASENAME);
        }
    }

    private static @Nullable String joined(List<Part> parts, Predicate<Part> wanted) {
        String text = parts.stream().filter(wanted).map(part -> part.text).collect(Collectors.joining("-"));
        return text.isEmpty() ? null : text;
    }

    private static @Nullable String sizes(List<Part> parts) {
        Set<String> sizes = parts.stream()
                .filter(part -> part.kinds.contains(Kind.SIZE))
                .map(part -> part.text)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return sizes.isEmpty() ? null : String.join("-", sizes);
    }

    /** A name with dashes as a title: {@code llama-3-instruct} becomes {@code Llama 3 Instruct}. */
    static String title(String id) {
        List<String> words = new ArrayList<>();
        for (String word : id.strip().replace('-', ' ').split("\\s+")) {
            boolean small =
                    word.equals(word.toLowerCase(Locale.ROOT)) && word.chars().anyMatch(Character::isLowerCase);
            words.add(small && !UNTITLED.matcher(word).matches() ? capitals(word) : word);
        }
        return String.join(" ", words);
    }

    /** A capital after everything that is not a letter, as Python's {@code title} sets them. */
    private static String capitals(String word) {
        StringBuilder title = new StringBuilder();
        boolean inLetters = false;
        for (int point : word.codePoints().toArray()) {
            title.appendCodePoint(inLetters ? point : Character.toTitleCase(point));
            inLetters = Character.isLetter(point);
        }
        return title.toString();
    }
}
