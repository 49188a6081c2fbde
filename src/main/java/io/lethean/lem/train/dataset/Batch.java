package io.lethean.lem.train.dataset;

import java.util.List;

/**
 * What one step trains on.
 *
 * @param rowLength tokens in each row, padding included
 * @param rows each row's samples, by their index; more than one only where samples are packed
 */
public record Batch(int rowLength, List<List<Integer>> rows) {

    /** Copies the lists, so that later changes of them do not count. */
    public Batch {
        rows = rows.stream().map(List::copyOf).toList();
    }
}
