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

/** Takes out states that lead nowhere, makes states with equal futures one, and numbers the rest from the start on. */
final class Minimization {

    /** How many states are looked at before an automaton is left as it is. */
    private static final long MOST_WORK = 50_000_000;

    private Minimization() {}

    static List<State> of(List<State> states) {
        boolean[] useful = useful(states);
        if (!useful[0]) {
            return List.of(new State(false, List.of()));
        }
        List<State> trimmed = new ArrayList<>();
        for (State state : states) {
            List<Edge> edges = state.edges().stream().filter(edge -> useful[edge.target()]).toList();
            trimmed.add(new State(state.accepting(), edges));
        }
        return numbered(trimmed, blocks(trimmed, useful));
    }

    /** Which states lead to an accepting one. */
    private static boolean[] useful(List<State> states) {
        List<List<Integer>> sources = new ArrayList<>();
        states.forEach(state -> sources.add(new ArrayList<>()));
        boolean[] useful = new boolean[states.size()];
        Deque<Integer> todo = new ArrayDeque<>();
        for (int i = 0; i < states.size(); i++) {
            for (Edge edge : states.get(i).edges()) {
                sources.get(edge.target()).add(i);
            }
            if (states.get(i).accepting()) {
                useful[i] = true;
                todo.add(i);
            }
        }
        while (!todo.isEmpty()) {
            for (int source : sources.get(todo.remove())) {
                if (!useful[source]) {
                    useful[source] = true;
                    todo.add(source);
                }
            }
        }
        return useful;
    }

    /** The same number for states with equal futures, by refinement until nothing changes. */
    private static int[] blocks(List<State> states, boolean[] useful) {
        int[] blocks = new int[states.size()];
        int count = 0;
        long work = 0;
        while (true) {
            Map<State, Integer> found = new HashMap<>();
            int[] refined = new int[states.size()];
            for (int i = 0; i < states.size(); i++) {
                if (useful[i]) {
                    State seen = mapped(states.get(i), blocks);
                    refined[i] = found.computeIfAbsent(seen, unused -> found.size());
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
                edges.add(new Edge(edge.first(), edge.last(), numbers.get(blocks[edge.target()])));
            }
            result.add(new State(state.accepting(), Dfa.joined(edges)));
        }
        return result;
    }
}
