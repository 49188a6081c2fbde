package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Regex.Assertion;
import io.lethean.lem.internal.schema.Regex.Characters;
import io.lethean.lem.internal.schema.Regex.Choice;
import io.lethean.lem.internal.schema.Regex.Repeat;
import io.lethean.lem.internal.schema.Regex.Sequence;
import java.util.ArrayList;
import java.util.List;

/**
 * An expression as states with moves, made to find it anywhere in a text: once {@link #END} is reached, the rest of the
 * text does not matter.
 */
final class Nfa {

    /** One character on. */
    record Move(CodePoints set, int target) {}

    /** A way that is open where an assertion holds. */
    record Check(Assertion assertion, int target) {}

    /** The ways on from a state; those in {@code free} take no character. */
    record Node(List<Integer> free, List<Check> checks, List<Move> moves) {
        Node() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    static final int END = 0;
    private static final int MOST_NODES = 100_000;

    private final List<Node> nodes = new ArrayList<>();
    private final int start;
    private boolean boundaries;

    Nfa(Regex regex) {
        add();
        int anywhere = add();
        nodes.get(anywhere).moves().add(new Move(CodePoints.ALL, anywhere));
        nodes.get(anywhere).free().add(build(regex, END));
        start = anywhere;
    }

    int start() {
        return start;
    }

    Node node(int index) {
        return nodes.get(index);
    }

    int size() {
        return nodes.size();
    }

    /** Whether it asks where words begin and end. */
    boolean hasBoundaries() {
        return boundaries;
    }

    private int add() {
        if (nodes.size() == MOST_NODES) {
            throw new TooManyStatesException(MOST_NODES);
        }
        nodes.add(new Node());
        return nodes.size() - 1;
    }

    /** The state from which an expression leads to a target. */
    private int build(Regex regex, int target) {
        return switch (regex) {
            case Characters characters -> {
                int state = add();
                nodes.get(state).moves().add(new Move(characters.set(), target));
                yield state;
            }
            case Assertion assertion -> {
                int state = add();
                nodes.get(state).checks().add(new Check(assertion, target));
                boundaries |= assertion == Assertion.WORD_BOUNDARY || assertion == Assertion.NO_WORD_BOUNDARY;
                yield state;
            }
            case Sequence sequence -> {
                int next = target;
                for (Regex part : sequence.parts().reversed()) {
                    next = build(part, next);
                }
                yield next;
            }
            case Choice choice -> {
                int state = add();
                for (Regex option : choice.options()) {
                    int begin = build(option, target);
                    nodes.get(state).free().add(begin);
                }
                yield state;
            }
            case Repeat repeat -> repeat(repeat, target);
        };
    }

    private int repeat(Repeat repeat, int target) {
        int next = target;
        if (repeat.most() < 0) {
            next = add();
            int body = build(repeat.body(), next);
            nodes.get(next).free().addAll(List.of(body, target));
        }
        for (int i = repeat.least(); i < repeat.most(); i++) {
            int optional = add();
            int body = build(repeat.body(), next);
            nodes.get(optional).free().addAll(List.of(body, target));
            next = optional;
        }
        for (int i = 0; i < repeat.least(); i++) {
            next = build(repeat.body(), next);
        }
        return next;
    }
}
