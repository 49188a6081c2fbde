package io.lethean.lem.internal.schema;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/** The rules of a grammar while they are made. Rule 0 is the start. */
final class Grammar {

    /** A part of a rule. */
    sealed interface Symbol {}

    /** Something in GBNF that can always be written. */
    record Text(String gbnf) implements Symbol {}

    record Rule(int index) implements Symbol {}

    /** @param most -1 for any number of times */
    record Repeat(List<Symbol> body, int least, int most) implements Symbol {}

    /** Up to this number, repetitions are left to llama.cpp, which makes a rule of each. */
    private static final int FEW = 64;

    private static final int MOST_RULES = 100_000;

    /** The first rule of a whole grammar. */
    static final String ROOT = "root";

    private final List<List<List<Symbol>>> rules = new ArrayList<>();

    /** A new rule, to be defined later. */
    Rule add() {
        if (rules.size() == MOST_RULES) {
            throw new TooManyStatesException(MOST_RULES);
        }
        rules.add(List.of());
        return new Rule(rules.size() - 1);
    }

    /** Says what a rule stands for: one of these sequences. */
    void define(Rule rule, List<List<Symbol>> alternatives) {
        rules.set(rule.index, List.copyOf(alternatives));
    }

    Rule add(List<List<Symbol>> alternatives) {
        Rule rule = add();
        define(rule, alternatives);
        return rule;
    }

    /**
     * A part some number of times. Where it is many times, rules of blocks keep the grammar short, with at most three
     * continuations at each place.
     *
     * @param most {@link Integer#MAX_VALUE} for any number of times
     */
    List<Symbol> repeated(List<Symbol> body, int least, int most) {
        if (most < least) {
            return List.of(add());
        }
        if (most == Integer.MAX_VALUE) {
            return least <= FEW
                    ? List.of(new Repeat(body, least, -1))
                    : joined(exactly(body, least), List.of(new Repeat(body, 0, -1)));
        }
        return most <= FEW
                ? List.of(new Repeat(body, least, most))
                : joined(exactly(body, least), upTo(body, most - least));
    }

    private List<Symbol> exactly(List<Symbol> body, int times) {
        if (times <= FEW) {
            return times == 0 ? List.of() : List.of(new Repeat(body, times, times));
        }
        int size = (int) Math.sqrt(times);
        Rule block = add(List.of(List.of(new Repeat(body, size, size))));
        return joined(List.of(new Repeat(List.of(block), times / size, times / size)), exactly(body, times % size));
    }

    private List<Symbol> upTo(List<Symbol> body, int times) {
        if (times <= FEW) {
            return times == 0 ? List.of() : List.of(new Repeat(body, 0, times));
        }
        int size = (int) Math.sqrt(times);
        int blocks = times / size;
        Rule block = add(List.of(List.of(new Repeat(body, size, size))));
        List<Symbol> fewerBlocks = List.of(new Repeat(List.of(block), 0, blocks - 1), new Repeat(body, 0, size - 1));
        List<Symbol> allBlocks = joined(List.of(new Repeat(List.of(block), blocks, blocks)), upTo(body, times % size));
        return List.of(add(List.of(fewerBlocks, allBlocks)));
    }

    static List<Symbol> joined(List<Symbol> first, List<Symbol> second) {
        List<Symbol> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }

    /** Which rules stand for at least one finite text. */
    BitSet productive() {
        BitSet productive = new BitSet(rules.size());
        int before = -1;
        while (productive.cardinality() != before) {
            before = productive.cardinality();
            for (int i = 0; i < 2 * rules.size(); i++) {
                // There and back, as rules may lead to later ones or to earlier ones.
                int index = i < rules.size() ? rules.size() - 1 - i : i - rules.size();
                if (rules.get(index).stream().anyMatch(sequence -> isProductive(sequence, productive))) {
                    productive.set(index);
                }
            }
        }
        return productive;
    }

    private static boolean isProductive(List<Symbol> sequence, BitSet productive) {
        return sequence.stream().allMatch(symbol -> switch (symbol) {
            case Text text -> true;
            case Rule rule -> productive.get(rule.index);
            case Repeat repeat -> repeat.least == 0 || isProductive(repeat.body, productive);
        });
    }

    /**
     * The rules that the start leads to in GBNF, without what stands for no text. They refer to {@link
     * GbnfText#SHARED_RULES}.
     *
     * @param start the name of the first rule; the names of the others begin with it, unless it is {@code root}
     */
    String gbnf(String start) {
        BitSet productive = productive();
        List<List<List<Symbol>>> kept = new ArrayList<>();
        for (List<List<Symbol>> rule : rules) {
            kept.add(rule.stream()
                    .filter(sequence -> isProductive(sequence, productive))
                    .map(sequence -> withoutIdleRepeats(sequence, productive))
                    .distinct()
                    .toList());
        }
        StringBuilder gbnf = new StringBuilder();
        BitSet seen = new BitSet();
        Deque<Integer> todo = new ArrayDeque<>(List.of(0));
        seen.set(0);
        while (!todo.isEmpty()) {
            int index = todo.remove();
            List<List<Symbol>> rule = kept.get(index);
            // The empty sequence first: after the last bar, llama.cpp would take the next line for the sequence.
            String alternatives = rule.stream()
                    .sorted((a, b) -> Boolean.compare(b.isEmpty(), a.isEmpty()))
                    .map(sequence -> gbnf(sequence, start))
                    .collect(Collectors.joining(" | "));
            gbnf.append(name(index, start)).append(" ::= ").append(alternatives).append('\n');
            rule.forEach(sequence -> addNew(sequence, seen, todo));
        }
        return gbnf.toString();
    }

    private static List<Symbol> withoutIdleRepeats(List<Symbol> sequence, BitSet productive) {
        return sequence.stream()
                .filter(symbol -> !(symbol instanceof Repeat repeat) || isProductive(repeat.body, productive))
                .filter(symbol -> !(symbol instanceof Repeat repeat) || repeat.most != 0)
                .toList();
    }

    private static void addNew(List<Symbol> sequence, BitSet seen, Deque<Integer> todo) {
        for (Symbol symbol : sequence) {
            if (symbol instanceof Repeat repeat) {
                addNew(repeat.body, seen, todo);
            } else if (symbol instanceof Rule rule && !seen.get(rule.index)) {
                seen.set(rule.index);
                todo.add(rule.index);
            }
        }
    }

    private static String gbnf(List<Symbol> sequence, String start) {
        return sequence.stream()
                .map(symbol -> switch (symbol) {
                    case Text text -> text.gbnf;
                    case Rule rule -> name(rule.index, start);
                    case Repeat repeat -> gbnf(repeat, start);
                })
                .collect(Collectors.joining(" "));
    }

    private static String gbnf(Repeat repeat, String start) {
        String body = gbnf(repeat.body, start);
        String one = repeat.body.size() == 1 && repeat.body.getFirst() instanceof Rule ? body : "(" + body + ")";
        return one + "{" + repeat.least + "," + (repeat.most < 0 ? "" : Integer.toString(repeat.most)) + "}";
    }

    private static String name(int index, String start) {
        return index == 0 ? start : (start.equals(ROOT) ? "" : start) + "r" + index;
    }
}
