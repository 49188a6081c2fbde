package io.lethean.lem.internal.llama;

/**
 * An adapter as a context applies it.
 *
 * @param weight multiplies its update
 */
public record WeightedAdapter(NativeAdapter adapter, float weight) {}
