package io.lethean.lem.quantize;

/**
 * What became of one converted tensor.
 *
 * @param tensor its name
 * @param from the type it had, as ggml calls it
 * @param to the type that it has now
 * @param numbers how many elements it has
 * @param valueNorm the square root of the sum of its numbers' squares, before they were written
 * @param updateNorm the same of what an adapter added; 0 where none did
 * @param errorNorm the same of the difference that writing in this type makes
 */
public record TensorReport(
        String tensor, String from, String to, long numbers, double valueNorm, double updateNorm, double errorNorm) {

    /** {@return the error divided by the update: near 0 the update is kept, near 1 it is lost} */
    public double errorPerUpdate() {
        return updateNorm == 0 ? 0 : errorNorm / updateNorm;
    }
}
