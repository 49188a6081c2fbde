package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenTreeTest {

    private static final int MANY = 1000;

    private static List<TokenTree> trees(int maxPaths, int maxTokens, int[]... continuations) {
        return TokenTree.of(List.of(continuations), maxPaths, maxTokens);
    }

    private static TokenTree tree(int[]... continuations) {
        return trees(MANY, MANY, continuations).getFirst();
    }

    private static List<String> described(TokenTree tree) {
        return tree.evaluated().stream()
                .map(node -> node.token() + "@" + node.depth() + " in " + node.firstPath() + "+" + node.paths())
                .toList();
    }

    @Test
    void commonBeginningIsEvaluatedOnce_andTheLastTokenNever() {
        TokenTree tree = tree(new int[] {5, 6, 7, 8}, new int[] {5, 6, 9, 8}, new int[] {5, 6});
        assertThat(described(tree)).containsExactly("5@1 in 0+2", "6@2 in 0+2", "7@3 in 0+1", "9@3 in 1+1");
        assertThat(tree.size()).isEqualTo(4);
        assertThat(tree.paths()).isEqualTo(2);
    }

    @Test
    void singleTokensNeedNoPath() {
        TokenTree tree = tree(new int[] {5}, new int[] {6}, new int[] {5});
        assertThat(tree.evaluated()).isEmpty();
        assertThat(tree.paths()).isZero();
    }

    @Test
    void aContinuationThatAnotherOneBeginsWith_sharesItsPath() {
        assertThat(described(tree(new int[] {5, 6}, new int[] {5, 6, 7}, new int[] {5, 6, 7, 8})))
                .containsExactly("5@1 in 0+1", "6@2 in 0+1", "7@3 in 0+1");
    }

    @Test
    void limitsOfPathsAndTokens_giveSeveralTrees() {
        int[][] continuations = {{1, 9}, {2, 9}, {3, 9}, {3, 8}, {4}, {5, 9}};
        assertThat(trees(2, MANY, continuations)).extracting(TokenTree::paths).containsExactly(2, 2);
        assertThat(trees(MANY, 3, continuations)).extracting(TokenTree::size).containsExactly(3, 1);
        assertThat(trees(MANY, 1, continuations)).extracting(TokenTree::size).containsExactly(1, 1, 1, 1);
    }

    /** A model that gives a token of any text a likelihood of its own: the sums of a tree are those of each text alone. */
    @Test
    void randomContinuations_haveTheSumsOfEachAlone_andTheSequencesOfTheirPaths() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            List<int[]> continuations = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                continuations.add(random.ints(1 + random.nextInt(6), 0, 3).toArray());
            }
            Map<List<Integer>, LogLikelihood> results = new HashMap<>();
            for (TokenTree tree : TokenTree.of(continuations, 1 + random.nextInt(5), 6 + random.nextInt(20))) {
                score(tree);
                tree.likelihoods((tokens, likelihood) -> results.put(list(tokens), likelihood));
            }
            for (int[] continuation : continuations) {
                assertThat(results.get(list(continuation))).isEqualTo(alone(continuation));
            }
        }
    }

    @Test
    void theOrderOfContinuations_doesNotChangeTheTrees() {
        Random random = new Random(8);
        List<int[]> continuations = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            continuations.add(random.ints(1 + random.nextInt(6), 0, 4).toArray());
        }
        List<List<String>> expected = TokenTree.of(continuations, 5, 30).stream()
                .map(TokenTreeTest::described)
                .toList();
        Collections.shuffle(continuations, random);
        assertThat(TokenTree.of(continuations, 5, 30).stream().map(TokenTreeTest::described))
                .containsExactlyElementsOf(expected);
    }

    /** Keeps the tokens of every sequence as llama.cpp does: a token goes to all of its sequences, at their ends. */
    private static void score(TokenTree tree) {
        Map<Integer, List<Integer>> sequences = new HashMap<>();
        tree.root().score(row(List.of()));
        Set<Integer> used = new HashSet<>();
        for (TokenTree.Node node : tree.evaluated()) {
            List<Integer> before = new ArrayList<>();
            for (int path = node.firstPath(); path < node.firstPath() + node.paths(); path++) {
                List<Integer> sequence = sequences.computeIfAbsent(path, added -> new ArrayList<>());
                assertThat(sequence).hasSize(node.depth() - 1);
                sequence.add(node.token());
                before = sequence;
                used.add(path);
            }
            node.score(row(before));
        }
        assertThat(used).hasSize(tree.paths()).allMatch(path -> path < tree.paths());
    }

    /** Logits of three tokens that depend on all tokens before them. */
    private static LogSoftmax row(List<Integer> before) {
        Random random = new Random(before.hashCode());
        return new LogSoftmax(new float[] {random.nextFloat(), random.nextFloat(), random.nextFloat()});
    }

    private static LogLikelihood alone(int[] continuation) {
        List<Integer> tokens = list(continuation);
        double sum = 0;
        boolean greedy = true;
        for (int i = 0; i < continuation.length; i++) {
            LogSoftmax row = row(tokens.subList(0, i));
            sum += row.of(continuation[i]);
            greedy &= row.best() == continuation[i];
        }
        return new LogLikelihood(sum, continuation.length, greedy);
    }

    private static List<Integer> list(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }
}
