package io.lethean.lem.internal.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Some successive queries of a sequence, and the keys that any of them may see.
 *
 * <p>Attention looks back only, so the scores of a block end at its last query: half of all scores are never computed,
 * more where the layer has a window, and those of one block at a time are in memory.
 *
 * @param from the first query
 * @param count how many queries
 * @param firstKey the first key
 */
record QueryBlock(int from, int count, int firstKey) {

    /** Views into a matrix begin at a multiple of this number of values, for vector instructions. */
    private static final int ALIGNMENT = 8;

    /** More blocks than this save next to nothing more, and each adds operations to the graphs. */
    static final int MOST_BLOCKS = 16;

    int keys() {
        return from + count - firstKey;
    }

    /**
     * The blocks of a sequence.
     *
     * @param tokens T
     * @param window how many keys a query sees; 0 for all before it
     * @param rows queries in a block, where that does not make too many blocks
     */
    static List<QueryBlock> of(int tokens, int window, int rows) {
        int fewest = Math.ceilDiv(tokens, MOST_BLOCKS);
        int size = fewest <= rows ? rows : Math.ceilDiv(fewest, ALIGNMENT) * ALIGNMENT;
        List<QueryBlock> blocks = new ArrayList<>();
        for (int from = 0; from < tokens; from += size) {
            int seen = window == 0 ? 0 : Math.max(0, from - window + 1);
            blocks.add(new QueryBlock(from, Math.min(size, tokens - from), seen - seen % ALIGNMENT));
        }
        return blocks;
    }
}
