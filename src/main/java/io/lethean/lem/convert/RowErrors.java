package io.lethean.lem.convert;

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

    /** Compares the first numbers of two arrays. */
    static RowErrors between(float[] wanted, float[] written, int count) {
        double values = 0;
        double errors = 0;
        for (int from = 0; from < count; from += 256) {
            int to = Math.min(count, from + 256);
            float blockValues = 0;
            float blockErrors = 0;
            for (int i = from; i < to; i++) {
                float difference = wanted[i] - written[i];
                blockValues += wanted[i] * wanted[i];
                blockErrors += difference * difference;
            }
            values += blockValues;
            errors += blockErrors;
        }
        return new RowErrors(values, errors);
    }
}
