package io.lethean.lem.quantize;

/**
 * How far written rows are from the numbers that were to be written.
 *
 * @param squaredValues sum of the numbers' squares
 * @param squaredErrors sum of the differences' squares
 */
record RowErrors(double squaredValues, double squaredErrors) {

    static final RowErrors NONE = new RowErrors(0, 0);

    RowErrors plus(RowErrors other) {
        return new RowErrors(squaredValues + other.squaredValues, squaredErrors + other.squaredErrors);
    }
}
