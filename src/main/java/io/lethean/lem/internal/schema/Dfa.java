package io.lethean.lem.internal.schema;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A set of texts as a deterministic automaton: begin in state 0, follow the edge of each character, and see whether the
 * last state accepts. Each state leads to an accepting one, except the start of an automaton that accepts nothing.
 *
 * <p>Automata of equal sets are equal, unless one was too large to be minimized.
 */
record Dfa(List<State> states) {

    /** Where the characters from first to last lead. */
    record Edge(int first, int last, int target) {}

    /** @param edges sorted and disjoint */
    record State(boolean accepting, List<Edge> edges) {}

    /** An edge to a state that is not numbered yet. */
    record Step<S>(int first, int last, S target) {}

    /** The most states that are explored. */
    static final int LIMIT = 20_000;

    private static final int DEAD = -1;

    static final Dfa NOTHING = new Dfa(List.of(new State(false, List.of())));
    static final Dfa EVERYTHING = new Dfa(List.of(new State(
            true,
            CodePoints.ALL.ranges().stream()
                    .map(range -> new Edge(range.first(), range.last(), 0))
                    .toList())));

    Dfa {
        states = List.copyOf(states);
    }

    /**
     * The automaton of states that are given by what they mean.
     *
     * @throws TooManyStatesException if more than {@code limit} can be reached
     */
    static <S> Dfa explore(S start, Function<S, List<Step<S>>> steps, Predicate<S> accepts, int limit) {
        Map<S, Integer> numbers = new HashMap<>();
        Deque<S> todo = new ArrayDeque<>();
        numbers.put(start, 0);
        todo.add(start);
        List<State> states = new ArrayList<>();
        while (!todo.isEmpty()) {
            S state = todo.remove();
            List<Edge> edges = new ArrayList<>();
            for (Step<S> step : steps.apply(state)) {
                Integer known = numbers.putIfAbsent(step.target, numbers.size());
                if (known == null) {
                    todo.add(step.target);
                }
                edges.add(new Edge(step.first, step.last, numbers.get(step.target)));
            }
            states.add(new State(accepts.test(state), joined(edges)));
            if (numbers.size() > limit) {
                throw new TooManyStatesException(limit);
            }
        }
        return new Dfa(Minimization.of(states));
    }

    /** Edges with those that touch and have the same target made one. */
    static List<Edge> joined(List<Edge> edges) {
        List<Edge> joined = new ArrayList<>();
        for (Edge edge : edges) {
            Edge last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && last.target == edge.target && last.last + 1 == edge.first) {
                joined.set(joined.size() - 1, new Edge(last.first, edge.last, edge.target));
            } else {
                joined.add(edge);
            }
        }
        return List.copyOf(joined);
    }

    /** These texts and no others. */
    static Dfa words(Collection<String> words) {
        return explore(Set.copyOf(words), Dfa::rests, rests -> rests.contains(""), 10 * LIMIT);
    }

    private static List<Step<Set<String>>> rests(Set<String> words) {
        Map<Integer, Set<String>> byFirst = new TreeMap<>();
        for (String word : words) {
            if (!word.isEmpty()) {
                int first = word.codePointAt(0);
                byFirst.computeIfAbsent(first, unused -> new TreeSet<>())
                        .add(word.substring(Character.charCount(first)));
            }
        }
        return byFirst.entrySet().stream()
                .map(entry -> new Step<>(entry.getKey(), entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The texts with a length from {@code least} to {@code most} characters. */
    static Dfa lengths(int least, int most) {
        if (most < least) {
            return NOTHING;
        }
        int last = most == Integer.MAX_VALUE ? least : most;
        return explore(
                0,
                length -> {
                    int next = length < last ? length + 1 : length;
                    boolean open = length < last || most == Integer.MAX_VALUE;
                    return CodePoints.ALL.ranges().stream()
                            .filter(range -> open)
                            .map(range -> new Step<>(range.first(), range.last(), next))
                            .toList();
                },
                length -> length >= least,
                LIMIT);
    }

    boolean isEmpty() {
        return states.size() == 1 && !states.getFirst().accepting;
    }

    boolean accepts(String text) {
        int state = 0;
        for (int character : text.codePoints().toArray()) {
            state = next(state, character);
            if (state == DEAD) {
                return false;
            }
        }
        return states.get(state).accepting;
    }

    private int next(int state, int character) {
        for (Edge edge : states.get(state).edges) {
            if (character >= edge.first && character <= edge.last) {
                return edge.target;
            }
        }
        return DEAD;
    }

    Dfa and(Dfa other) {
        return combined(other, (mine, theirs) -> mine && theirs);
    }

    Dfa or(Dfa other) {
        return combined(other, (mine, theirs) -> mine || theirs);
    }

    Dfa minus(Dfa other) {
        return combined(other, (mine, theirs) -> mine && !theirs);
    }

    /** Which of two answers make one; no to both must stay a no. */
    private interface Combination {
        boolean of(boolean mine, boolean theirs);
    }

    private record Pair(int mine, int theirs) {}

    private Dfa combined(Dfa other, Combination combination) {
        return explore(
                new Pair(0, 0),
                pair -> steps(edges(pair.mine), other.edges(pair.theirs), combination),
                pair -> combination.of(accepting(pair.mine), other.accepting(pair.theirs)),
                LIMIT);
    }

    private List<Edge> edges(int state) {
        return state == DEAD ? List.of() : states.get(state).edges;
    }

    private boolean accepting(int state) {
        return state != DEAD && states.get(state).accepting;
    }

    private static List<Step<Pair>> steps(List<Edge> mine, List<Edge> theirs, Combination combination) {
        TreeSet<Integer> begins = new TreeSet<>();
        mine.forEach(edge -> begins.addAll(List.of(edge.first, edge.last + 1)));
        theirs.forEach(edge -> begins.addAll(List.of(edge.first, edge.last + 1)));
        List<Step<Pair>> steps = new ArrayList<>();
        int a = 0;
        int b = 0;
        for (Integer begin : begins) {
            Integer end = begins.higher(begin);
            a = skip(mine, a, begin);
            b = skip(theirs, b, begin);
            int left = target(mine, a, begin);
            int right = target(theirs, b, begin);
            boolean useful = left != DEAD && right != DEAD
                    || left != DEAD && combination.of(true, false)
                    || right != DEAD && combination.of(false, true);
            if (end != null && useful) {
                steps.add(new Step<>(begin, end - 1, new Pair(left, right)));
            }
        }
        return steps;
    }

    private static int skip(List<Edge> edges, int from, int character) {
        int index = from;
        while (index < edges.size() && edges.get(index).last < character) {
            index++;
        }
        return index;
    }

    private static int target(List<Edge> edges, int index, int character) {
        boolean within = index < edges.size() && edges.get(index).first <= character;
        return within ? edges.get(index).target : DEAD;
    }
}
