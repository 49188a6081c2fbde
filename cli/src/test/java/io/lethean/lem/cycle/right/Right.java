package io.lethean.lem.cycle.right;

import io.lethean.lem.cycle.left.Left;

/** The other half of a cycle; see {@code Left}. */
public final class Right {

    /** Where the cycle goes back. */
    public void left(Left left) {}
}
