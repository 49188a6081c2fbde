package io.lethean.lem.internal.schema;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A grammar in GBNF as llama.cpp sees it, with a reader of its own: draws random texts and recognizes texts. */
public final class Gbnf {

    private sealed interface Node {}

    private record Literal(String text) implements Node {}

    private record Characters(List<int[]> ranges) implements Node {}

    private record Reference(String name) implements Node {}

    private record Sequence(List<Node> parts) implements Node {}

    private record Choice(List<Node> options) implements Node {}

    private record Repeat(Node body, int least, int most) implements Node {}

    private static final int INFINITE = 1_000_000;

    private final String text;
    private int position;
    private final Map<String, Node> rules = new HashMap<>();
    private final Map<String, Integer> depths = new HashMap<>();

    public Gbnf(String gbnf) {
        text = gbnf;
        while (position < text.length()) {
            String name = word();
            skip(" ::= ");
            rules.put(name, choice());
            skip("\n");
        }
        measure();
    }

    public String draw(Random random) {
        StringBuilder drawn = new StringBuilder();
        draw(new Reference("root"), random, drawn, 0);
        return drawn.toString();
    }

    /** Whether the grammar stands for a text. */
    public boolean accepts(String whole) {
        return new Recognition(whole).ends(rules.get("root"), 0).get(whole.length());
    }

    /** Finds where parts of a text can end. */
    private final class Recognition {
        private final String whole;
        private final Map<String, BitSet> known = new HashMap<>();

        Recognition(String whole) {
            this.whole = whole;
        }

        BitSet ends(Node node, int begin) {
            BitSet ends = new BitSet();
            switch (node) {
                case Literal literal -> ends.set(begin + literal.text.length(), whole.startsWith(literal.text, begin));
                case Characters characters -> {
                    int c = begin < whole.length() ? whole.codePointAt(begin) : -1;
                    boolean in = characters.ranges.stream().anyMatch(range -> range[0] <= c && c <= range[1]);
                    ends.set(begin + (c < 0 ? 1 : Character.charCount(c)), in);
                }
                case Reference reference -> {
                    BitSet found = known.get(reference.name + "@" + begin);
                    if (found == null) {
                        found = ends(rules.get(reference.name), begin);
                        known.put(reference.name + "@" + begin, found);
                    }
                    ends.or(found);
                }
                case Choice choice -> choice.options.forEach(option -> ends.or(ends(option, begin)));
                case Sequence sequence -> {
                    BitSet places = only(begin);
                    for (Node part : sequence.parts) {
                        places = after(part, places);
                    }
                    ends.or(places);
                }
                case Repeat repeat -> {
                    BitSet places = only(begin);
                    int most = repeat.most < 0 ? whole.length() : repeat.most;
                    for (int i = 0; !places.isEmpty() && i <= most; i++) {
                        if (i >= repeat.least) {
                            ends.or(places);
                        }
                        places = after(repeat.body, places);
                    }
                }
            }
            return ends;
        }

        private BitSet after(Node part, BitSet places) {
            BitSet ends = new BitSet();
            places.stream().forEach(place -> ends.or(ends(part, place)));
            return ends;
        }

        private static BitSet only(int place) {
            BitSet places = new BitSet();
            places.set(place);
            return places;
        }
    }

    private void skip(String expected) {
        if (!text.startsWith(expected, position)) {
            throw new IllegalArgumentException("Expected '" + expected + "' at " + position + ": "
                    + text.substring(position, Math.min(text.length(), position + 60)));
        }
        position += expected.length();
    }

    private boolean at(char expected) {
        return position < text.length() && text.charAt(position) == expected;
    }

    private String word() {
        int begin = position;
        while (position < text.length() && (Character.isLetterOrDigit(text.charAt(position)) || at('-'))) {
            position++;
        }
        if (begin == position) {
            throw new IllegalArgumentException("Expected a name at " + position + " of " + text);
        }
        return text.substring(begin, position);
    }

    private Node choice() {
        List<Node> options = new ArrayList<>(List.of(sequence()));
        while (at('|')) {
            position++;
            options.add(sequence());
        }
        return new Choice(options);
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (true) {
            while (at(' ')) {
                position++;
            }
            if (position == text.length() || at('|') || at(')') || at('\n')) {
                return new Sequence(parts);
            }
            parts.add(repeated(part()));
        }
    }

    private Node part() {
        if (at('"')) {
            StringBuilder literal = new StringBuilder();
            for (position++; !at('"'); ) {
                literal.appendCodePoint(character());
            }
            position++;
            return new Literal(literal.toString());
        } else if (at('[')) {
            List<int[]> ranges = new ArrayList<>();
            position++;
            boolean others = at('^');
            position += others ? 1 : 0;
            while (!at(']')) {
                int first = character();
                int last = first;
                if (at('-')) {
                    position++;
                    last = character();
                }
                ranges.add(new int[] {first, last});
            }
            position++;
            return new Characters(others ? complement(ranges) : ranges);
        } else if (at('(')) {
            position++;
            Node inner = choice();
            skip(")");
            return inner;
        }
        return new Reference(word());
    }

    /** All other characters that UTF-8 has. */
    private static List<int[]> complement(List<int[]> ranges) {
        List<int[]> others = new ArrayList<>();
        int first = ' ';
        for (int[] range :
                ranges.stream().sorted((a, b) -> Integer.compare(a[0], b[0])).toList()) {
            if (range[0] > first) {
                others.add(new int[] {first, range[0] - 1});
            }
            first = Math.max(first, range[1] + 1);
        }
        others.add(new int[] {first, 0xD7FF});
        others.add(new int[] {0, ' ' - 1});
        others.removeIf(range -> ranges.stream().anyMatch(each -> each[0] <= range[1] && range[0] <= each[1]));
        return others;
    }

    private int character() {
        if (at('\\')) {
            position += 2;
            char kind = text.charAt(position - 1);
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            position += digits;
            return switch (kind) {
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'x', 'u', 'U' -> Integer.parseInt(text.substring(position - digits, position), 16);
                case '"', '\\', '[', ']', '-' -> kind;
                default -> throw new IllegalArgumentException("\\" + kind);
            };
        }
        int character = text.codePointAt(position);
        position += Character.charCount(character);
        return character;
    }

    private Node repeated(Node node) {
        if (at('?')) {
            position++;
            return new Repeat(node, 0, 1);
        } else if (at('*')) {
            position++;
            return new Repeat(node, 0, -1);
        } else if (at('{')) {
            int end = text.indexOf('}', position);
            String[] bounds = text.substring(position + 1, end).split(",", -1);
            position = end + 1;
            String last = bounds[bounds.length - 1];
            int most = last.isEmpty() ? -1 : Integer.parseInt(last);
            return new Repeat(node, Integer.parseInt(bounds[0]), most);
        }
        return node;
    }

    /** The least nesting depth of the rules, so that drawing can come to an end. */
    private void measure() {
        rules.keySet().forEach(name -> depths.put(name, INFINITE));
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Map.Entry<String, Node> rule : rules.entrySet()) {
                int depth = Math.min(INFINITE, 1 + depth(rule.getValue()));
                changed |= depth < depths.put(rule.getKey(), depth);
            }
        }
        depths.forEach((name, depth) -> {
            if (depth == INFINITE) {
                throw new IllegalArgumentException("The rule " + name + " stands for no text: " + text);
            }
        });
    }

    private int depth(Node node) {
        return switch (node) {
            case Literal literal -> 0;
            case Characters characters -> 0;
            case Reference reference -> depths.get(reference.name);
            case Sequence sequence ->
                sequence.parts.stream().mapToInt(this::depth).max().orElse(0);
            case Choice choice ->
                choice.options.stream().mapToInt(this::depth).min().orElse(0);
            case Repeat repeat -> repeat.least == 0 ? 0 : depth(repeat.body);
        };
    }

    private void draw(Node node, Random random, StringBuilder drawn, int level) {
        boolean end = level > 30 || drawn.length() > 400;
        switch (node) {
            case Literal literal -> drawn.append(literal.text);
            case Characters characters -> {
                int[] range = characters.ranges.get(random.nextInt(characters.ranges.size()));
                // Mostly the beginning of large ranges, where the characters are that tests ask for.
                int size = range[1] - range[0] + 1;
                drawn.appendCodePoint(range[0] + random.nextInt(random.nextInt(4) > 0 ? Math.min(size, 90) : size));
            }
            case Reference reference -> draw(rules.get(reference.name), random, drawn, level + 1);
            case Sequence sequence -> sequence.parts.forEach(part -> draw(part, random, drawn, level));
            case Choice choice -> draw(option(choice, random, end), random, drawn, level);
            case Repeat repeat -> {
                int most = repeat.most < 0 ? repeat.least + 4 : repeat.most;
                int times = end ? repeat.least : repeat.least + random.nextInt(most - repeat.least + 1);
                for (int i = 0; i < times; i++) {
                    draw(repeat.body, random, drawn, level);
                }
            }
        }
    }

    private Node option(Choice choice, Random random, boolean end) {
        if (!end) {
            return choice.options.get(random.nextInt(choice.options.size()));
        }
        int least = depth(choice);
        List<Node> shallow =
                choice.options.stream().filter(each -> depth(each) == least).toList();
        return shallow.get(random.nextInt(shallow.size()));
    }
}
