package io.lethean.lem.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Continuations of a context as a tree, in which tokens that several of them begin with are there once.
 *
 * <p>The last token of a continuation is not evaluated: its likelihood is known from the logits before it. So the tokens to
 * evaluate are those that another one follows. A path leads from the context to an evaluated token that no other evaluated
 * token follows; each path is a sequence of llama.cpp, and a token belongs to the sequences of all paths through it.
 */
final class TokenTree {

    private final int maxPaths;
    private final int maxTokens;
    private final Node root = new Node(null, 0);
    private final List<Node> nodes = new ArrayList<>();
    private final List<End> ends = new ArrayList<>();
    private int evaluated;
    private int paths;

    private TokenTree(int maxPaths, int maxTokens) {
        this.maxPaths = maxPaths;
        this.maxTokens = maxTokens;
    }

    /**
     * As few trees as the limits allow. Their form does not depend on the order of the continuations.
     *
     * @param continuations at least one token in each; equal ones are there once
     * @param maxPaths the most paths of a tree
     * @param maxTokens the most evaluated tokens of a tree, at least those of the longest continuation
     */
    static List<TokenTree> of(Collection<int[]> continuations, int maxPaths, int maxTokens) {
        TreeSet<int[]> sorted = new TreeSet<>(Arrays::compare);
        sorted.addAll(continuations);
        List<TokenTree> trees = new ArrayList<>();
        for (int[] continuation : sorted) {
            if (trees.isEmpty() || !trees.getLast().takes(continuation)) {
                trees.add(new TokenTree(maxPaths, maxTokens));
            }
            trees.getLast().add(continuation);
        }
        trees.forEach(TokenTree::numberPaths);
        return trees;
    }

    private boolean takes(int[] continuation) {
        Node node = root;
        int there = 0;
        while (there < continuation.length - 1) {
            Node next = node.children.get(continuation[there]);
            if (next == null || !next.isEvaluated()) {
                break;
            }
            node = next;
            there++;
        }
        int more = continuation.length - 1 - there;
        int morePaths = more > 0 && node.beginsPath() ? 1 : 0;
        return evaluated + more <= maxTokens && paths + morePaths <= maxPaths;
    }

    /** Adds what is not before those already there, so that the nodes are in the order of a walk through the tree. */
    private void add(int[] continuation) {
        Node node = root;
        for (int token : continuation) {
            if (!node.isEvaluated() && node != root) {
                becomesEvaluated(node);
            }
            Node parent = node;
            node = node.children.computeIfAbsent(token, added -> {
                Node created = new Node(parent, added);
                nodes.add(created);
                return created;
            });
        }
        ends.add(new End(continuation, node));
    }

    private void becomesEvaluated(Node node) {
        Node parent = node.parent();
        evaluated++;
        if (parent.beginsPath()) {
            paths++;
        }
        parent.hasEvaluatedChild = true;
    }

    /** From the last node to the first, so that children come before their parents. */
    private void numberPaths() {
        int next = paths;
        root.paths = paths;
        for (Node node : nodes.reversed()) {
            if (!node.isEvaluated()) {
                continue;
            }
            if (!node.hasEvaluatedChild) {
                node.firstPath = --next;
                node.paths = 1;
            }
            Node parent = node.parent();
            if (parent != root) {
                parent.firstPath = node.firstPath;
                parent.paths += node.paths;
            }
        }
    }

    /** How many sequences it takes. */
    int paths() {
        return paths;
    }

    /** How many tokens are to be evaluated. */
    int size() {
        return evaluated;
    }

    /** The end of the context. */
    Node root() {
        return root;
    }

    /** The tokens to evaluate, each after those that it follows. */
    List<Node> evaluated() {
        return nodes.stream().filter(Node::isEvaluated).toList();
    }

    /** Hands out the likelihood of each continuation, once every node was scored. */
    void likelihoods(BiConsumer<int[], LogLikelihood> results) {
        ends.forEach(end -> results.accept(
                end.continuation(), new LogLikelihood(end.node().sum, end.continuation().length, end.node().greedy)));
    }

    private record End(int[] continuation, Node node) {}

    /** A token after those of its parents; the root stands for the context. */
    static final class Node {
        private final @Nullable Node parent;
        private final int token;
        private final int depth;
        private final Map<Integer, Node> children = new HashMap<>();
        private boolean hasEvaluatedChild;
        private int firstPath;
        private int paths;
        private double sum;
        private boolean greedy = true;

        private Node(@Nullable Node parent, int token) {
            this.parent = parent;
            this.token = token;
            this.depth = parent == null ? 0 : parent.depth + 1;
        }

        private Node parent() {
            return Objects.requireNonNull(parent);
        }

        private boolean isEvaluated() {
            return !children.isEmpty();
        }

        /** Whether one more evaluated child is the beginning of one more path. */
        private boolean beginsPath() {
            return parent == null || hasEvaluatedChild;
        }

        int token() {
            return token;
        }

        /** Tokens of a continuation up to and with it. */
        int depth() {
            return depth;
        }

        int firstPath() {
            return firstPath;
        }

        /** How many paths lead through it. */
        int paths() {
            return paths;
        }

        /** Gives its children their likelihood, after it was given its own. */
        void score(LogSoftmax next) {
            for (Node child : children.values()) {
                child.sum = sum + next.of(child.token);
                child.greedy = greedy && next.best() == child.token;
            }
        }
    }
}
