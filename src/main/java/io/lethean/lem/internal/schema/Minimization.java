package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Dfa.Edge;
import io.lethean.lem.internal.schema.Dfa.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Takes out states that lead nowhere, makes states with equal futures one, and numbers the rest from the start on. */
final class Minimization {

    /** How many states are looked at before an automaton is left as it is. */
    private static final long MOST_WORK = 50_000_000;

    private static final int NEVER = -1;

    private Minimization() {}

    static List<State> of(List<State> states) {
        int[] shortest = shortest(states);
        if (shortest[0] == NEVER) {
            return List.of(new State(false, List.of()));
        }
        List<State> trimmed = new ArrayList<>();
        for (State state : states) {
            List<Edge> edges = state.edges().stream()
                    .filter(edge -> shortest[edge.target()] != NEVER)
                    .toList();
            trimmed.add(new State(state.accepting(), edges));
        }
        return numbered(trimmed, blocks(trimmed, shortest));
    }

    private static List<List<Integer>> sources(List<State> states) {
        List<List<Integer>> sources = new ArrayList<>();
        states.forEach(state -> sources.add(new ArrayList<>()));
        for (int i = 0; i < states.size(); i++) {
            for (Edge edge : states.get(i).edges()) {
                sources.get(edge.target()).add(i);
            }
        }
        return sources;
    }

    /** The length of the shortest text that each state accepts. */
    private static int[] shortest(List<State> states) {
        int[] shortest = new int[states.size()];
        Arrays.fill(shortest, NEVER);
        Deque<Integer> todo = new ArrayDeque<>();
        for (int i = 0; i < states.size(); i++) {
            if (states.get(i).accepting()) {
                shortest[i] = 0;
                todo.add(i);
            }
        }
        List<List<Integer>> sources = sources(states);
        while (!todo.isEmpty()) {
            int state = todo.remove();
            for (int source : sources.get(state)) {
                if (shortest[source] == NEVER) {
                    shortest[source] = shortest[state] + 1;
                    todo.add(source);
                }
            }
        }
        return shortest;
    }

    /** The length of the longest text that each state accepts; {@link #NEVER} where texts have no limit. */
    private static int[] longest(List<State> states) {
        int[] longest = new int[states.size()];
        int[] open = new int[states.size()];
        Deque<Integer> todo = new ArrayDeque<>();
        for (int i = 0; i < states.size(); i++) {
            open[i] = states.get(i).edges().size();
            if (open[i] == 0) {
                todo.add(i);
            }
        }
        List<List<Integer>> sources = sources(states);
        while (!todo.isEmpty()) {
            int state = todo.remove();
            for (int source : sources.get(state)) {
                longest[source] = Math.max(longest[source], longest[state] + 1);
                if (--open[source] == 0) {
                    todo.add(source);
                }
            }
        }
        Arrays.setAll(longest, i -> open[i] > 0 ? NEVER : longest[i]);
        return longest;
    }

    /** Gives states with equal futures one number, by refinement until nothing changes. */
    private static int[] blocks(List<State> states, int[] shortest) {
        int[] blocks = new int[states.size()];
        // States with equal futures have equal lengths of texts, which tells most states apart at once.
        int[] longest = longest(states);
        Map<List<Integer>, Integer> lengths = new HashMap<>();
        Arrays.setAll(
                blocks, i -> lengths.computeIfAbsent(List.of(shortest[i], longest[i]), unknown -> lengths.size()));
        int count = 0;
        long work = 0;
        while (true) {
            Map<State, Integer> found = new HashMap<>();
            int[] refined = new int[states.size()];
            for (int i = 0; i < states.size(); i++) {
                if (shortest[i] != NEVER) {
                    State seen = mapped(states.get(i), blocks);
                    refined[i] = found.computeIfAbsent(seen, unknown -> found.size());
                    work += 1 + seen.edges().size();
                }
            }
            if (found.size() == count) {
                return blocks;
            }
            if (work > MOST_WORK) {
                Arrays.setAll(blocks, i -> i);
                return blocks;
            }
            count = found.size();
            blocks = refined;
        }
    }

    private static State mapped(State state, int[] blocks) {
        List<Edge> edges = new ArrayList<>();
        for (Edge edge : state.edges()) {
            edges.add(new Edge(edge.first(), edge.last(), blocks[edge.target()]));
        }
        return new State(state.accepting(), Dfa.joined(edges));
    }

    private static List<State> numbered(List<State> states, int[] blocks) {
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Integer> examples = new ArrayList<>(List.of(0));
        numbers.put(blocks[0], 0);
        List<State> result = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            State state = states.get(examples.get(i));
            List<Edge> edges = new ArrayList<>();
            for (Edge edge : state.edges()) {
                Integer known = numbers.putIfAbsent(blocks[edge.target()], numbers.size());
                if (known == null) {
                    examples.add(edge.target());
                }
                edges.add(new Edge(
                        edge.first(), edge.last(), Objects.requireNonNull(numbers.get(blocks[edge.target()]))));
            }
            result.add(new State(state.accepting(), Dfa.joined(edges)));
        }
        return result;
    }
}
