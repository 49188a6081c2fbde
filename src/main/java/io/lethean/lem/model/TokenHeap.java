package io.lethean.lem.model;

/** Gives out tokens in an order, one by one, so that a reader who needs few of many need not sort them all. */
final class TokenHeap {

    private final int[] tokens;
    private final Order order;
    private int size;

    /** A total order. */
    @FunctionalInterface
    interface Order {
        boolean before(int token, int other);
    }

    /** @param tokens the first {@code size} are in the heap, which rearranges the array */
    TokenHeap(int[] tokens, int size, Order order) {
        this.tokens = tokens;
        this.size = size;
        this.order = order;
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    /** Removes the first token in the order. */
    int pop() {
        int top = tokens[0];
        tokens[0] = tokens[--size];
        sink(0);
        return top;
    }

    private void sink(int from) {
        int at = from;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && order.before(tokens[child + 1], tokens[child])) {
                child++;
            }
            if (order.before(tokens[at], tokens[child])) {
                return;
            }
            int swapped = tokens[at];
            tokens[at] = tokens[child];
            tokens[child] = swapped;
            at = child;
        }
    }
}
