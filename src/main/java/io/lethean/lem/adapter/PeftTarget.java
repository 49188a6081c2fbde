package io.lethean.lem.adapter;

/**
 * What PEFT's configuration says of one update.
 *
 * @param layer of the model; -1 for the embedding and the head
 * @param inLayer the name below the layer, such as {@code self_attn.q_proj} or {@code mlp.experts.down_proj}; the whole name
 *     outside layers
 * @param name the whole name
 * @param isParameter whether it is a parameter of a module and not a linear module
 * @param rank of the factors, for each expert
 * @param alpha the scale is alpha / rank
 */
record PeftTarget(int layer, String inLayer, String name, boolean isParameter, int rank, float alpha) {}
