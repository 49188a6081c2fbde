package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.CodePoints.Range;
import io.lethean.lem.internal.schema.Dfa.Step;
import io.lethean.lem.internal.schema.Nfa.Check;
import io.lethean.lem.internal.schema.Nfa.Move;
import io.lethean.lem.internal.schema.Nfa.Node;
import io.lethean.lem.internal.schema.Regex.Assertion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/**
 * The texts in which an expression is found, as an automaton. A state of it is a set of states of the expression that
 * were reached, and what came before; assertions are decided when the next character is known.
 */
final class Determinization {

    /** What is on one side of a place in the text. */
    private enum Side {
        EDGE,
        WORD,
        OTHER
    }

    private record Reached(List<Integer> nodes, Side before) {}

    private static final List<Integer> FOUND = List.of(Nfa.END);
    private static final long MOST_WORK = 50_000_000;

    private final Nfa nfa;
    private long work;

    private Determinization(Nfa nfa) {
        this.nfa = nfa;
    }

    /** @throws TooManyStatesException if the automaton would be too large */
    static Dfa of(Regex regex) {
        Nfa nfa = new Nfa(regex);
        Determinization made = new Determinization(nfa);
        Reached start = new Reached(List.of(nfa.start()), Side.EDGE);
        return Dfa.explore(start, made::steps, made::accepts, Dfa.LIMIT);
    }

    /** The texts that a pattern allows. */
    static Dfa ofPattern(String pattern, String place) {
        Regex regex = RegexParser.parse(pattern, place);
        try {
            return of(regex);
        } catch (TooManyStatesException large) {
            throw new PatternText(pattern, place).refused("it needs " + large.getMessage());
        }
    }

    private boolean accepts(Reached reached) {
        return closure(reached, Side.EDGE).get(Nfa.END);
    }

    private List<Step<Reached>> steps(Reached reached) {
        List<Step<Reached>> steps = new ArrayList<>();
        if (nfa.hasBoundaries()) {
            addSteps(reached, Side.WORD, Regex.WORD, steps);
            addSteps(reached, Side.OTHER, Regex.WORD.not(), steps);
            steps.sort((a, b) -> Integer.compare(a.first(), b.first()));
        } else {
            addSteps(reached, Side.OTHER, CodePoints.ALL, steps);
        }
        return steps;
    }

    private void addSteps(Reached reached, Side next, CodePoints characters, List<Step<Reached>> steps) {
        BitSet closure = closure(reached, next);
        if (closure.get(Nfa.END)) {
            Reached found = new Reached(FOUND, Side.OTHER);
            characters.ranges().forEach(range -> steps.add(new Step<>(range.first(), range.last(), found)));
            return;
        }
        List<Move> moves = closure.stream()
                .boxed()
                .flatMap(node -> nfa.node(node).moves().stream())
                .toList();
        TreeSet<Integer> begins = new TreeSet<>();
        for (Move move : moves) {
            addBegins(move.set(), begins);
        }
        addBegins(characters, begins);
        for (Integer begin : begins) {
            Integer end = begins.higher(begin);
            if (end != null && characters.contains(begin)) {
                List<Integer> targets = moves.stream()
                        .filter(move -> move.set().contains(begin))
                        .map(Move::target)
                        .distinct()
                        .sorted()
                        .toList();
                work += moves.size();
                steps.add(new Step<>(begin, end - 1, new Reached(targets, next)));
            }
        }
    }

    private static void addBegins(CodePoints set, TreeSet<Integer> begins) {
        for (Range range : set.ranges()) {
            begins.add(range.first());
            begins.add(range.last() + 1);
        }
    }

    /** The states that can be reached without another character, given what the next one is. */
    private BitSet closure(Reached reached, Side next) {
        BitSet seen = new BitSet(nfa.size());
        Deque<Integer> todo = new ArrayDeque<>(reached.nodes);
        while (!todo.isEmpty()) {
            int index = todo.pop();
            if (seen.get(index)) {
                continue;
            }
            seen.set(index);
            if (++work > MOST_WORK) {
                throw new TooManyStatesException(Dfa.LIMIT);
            }
            Node node = nfa.node(index);
            todo.addAll(node.free());
            for (Check check : node.checks()) {
                if (holds(check.assertion(), reached.before, next)) {
                    todo.add(check.target());
                }
            }
        }
        return seen;
    }

    private static boolean holds(Assertion assertion, Side before, Side next) {
        boolean boundary = (before == Side.WORD) != (next == Side.WORD);
        return switch (assertion) {
            case BEGIN -> before == Side.EDGE;
            case END -> next == Side.EDGE;
            case WORD_BOUNDARY -> boundary;
            case NO_WORD_BOUNDARY -> !boundary;
        };
    }
}
