package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A LoRA adapter: low-rank updates of some tensors of a model.
 *
 * <p>With the adapter applied with weight 1, a tensor's rows gain {@code alpha / rank * B * A}; that is how llama.cpp
 * reads the two numbers. With DoRA the rows are then scaled to the lengths that the magnitude says. Values may still be in the file the adapter came from, which then has to stay as it is.
 *
 * @param architecture the base model's {@code general.architecture}, such as {@code llama}
 * @param alpha the numerator of the scale, finite and not 0
 * @param pairs the updates, each tensor once; kept in order of layer and name
 * @param invocationTokens the tokens that switch the adapter on, for an activated LoRA; else empty
 * @param notes what a user should know of how the adapter was read, a sentence each; usually empty
 */
public record Adapter(
        String architecture, float alpha, List<LoraPair> pairs, List<Integer> invocationTokens, List<String> notes) {

    private static final Comparator<LoraPair> BY_LAYER = Comparator.comparingInt(
                    (LoraPair pair) -> TensorNames.layer(pair.tensor()).orElse(Integer.MAX_VALUE))
            .thenComparing(LoraPair::tensor);

    /**
     * Checks the values and copies the lists.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Adapter {
        if (!Float.isFinite(alpha) || alpha == 0) {
            throw new IllegalArgumentException("The alpha of an adapter is finite and not 0, unlike " + alpha + ".");
        }
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException(
                    "An adapter must update at least one tensor, but the list of updates is empty.");
        }
        List<LoraPair> ordered = new ArrayList<>(pairs);
        ordered.sort(BY_LAYER);
        pairs = List.copyOf(ordered);
        requireDistinct(pairs);
        invocationTokens = List.copyOf(invocationTokens);
        notes = List.copyOf(notes);
    }

    /**
     * {@return an ordinary adapter, without invocation tokens and notes}
     *
     * @param architecture the architecture of its base, as GGUF names it
     * @param alpha the scale of each update, times its rank
     * @param pairs the updates, one per tensor
     */
    public static Adapter of(String architecture, float alpha, List<LoraPair> pairs) {
        return new Adapter(architecture, alpha, pairs, List.of(), List.of());
    }

    private static void requireDistinct(List<LoraPair> pairs) {
        Set<String> seen = new HashSet<>();
        for (LoraPair pair : pairs) {
            if (!seen.add(pair.tensor())) {
                throw new IllegalArgumentException("The tensor " + pair.tensor() + " is updated twice by one adapter.");
            }
        }
    }

    /** {@return this adapter with all values as 32-bit floats, for arithmetic that depends on the stored type} */
    public Adapter widened() {
        List<LoraPair> wide = pairs.stream()
                .map(pair -> pair.with(pair.a().widened(), pair.b().widened()))
                .toList();
        return new Adapter(architecture, alpha, wide, invocationTokens, notes);
    }

    /**
     * {@return whether a tensor's update has a magnitude, which llama.cpp cannot apply: the adapter is one of DoRA}
     */
    public boolean hasMagnitudes() {
        return pairs.stream().anyMatch(LoraPair::hasMagnitude);
    }

    /**
     * Whether this is DoRA, for a format that can only say so of a whole adapter.
     *
     * @throws InvalidModelException if some updates have a magnitude and others do not
     */
    boolean isDora() {
        long count = pairs.stream().filter(LoraPair::hasMagnitude).count();
        if (count > 0 && count < pairs.size()) {
            throw new InvalidModelException(
                    "adapter-magnitude",
                    "Of the adapter's " + pairs.size() + " updates only " + count
                            + " have a magnitude (DoRA), and this format has it for all or for no update; keep the adapter"
                            + " as GGUF, or merge it into its model.");
        }
        return count > 0;
    }

    /**
     * {@return what the product of a pair is multiplied by at weight 1}
     *
     * @param pair an update of this adapter
     */
    public float scale(LoraPair pair) {
        return alpha / pair.rank();
    }

    /**
     * {@return the update of a tensor}
     *
     * @param tensor the tensor's GGUF name
     */
    public Optional<LoraPair> pair(String tensor) {
        return pairs.stream().filter(pair -> pair.tensor().equals(tensor)).findFirst();
    }

    /**
     * Checks that this adapter belongs to a model: same architecture, every tensor there, shapes as they should be.
     *
     * @param model the outline of the model
     * @throws InvalidModelException naming what does not fit
     */
    public void requireFits(ModelOutline model) {
        if (!architecture.equals(model.architecture())) {
            throw new InvalidModelException(
                    "adapter-architecture",
                    "The adapter was made for a model of architecture "
                            + architecture + ", and " + model.name() + " is of architecture " + model.architecture()
                            + "; use the model that it was trained on.");
        }
        for (LoraPair pair : pairs) {
            requireFits(pair, model);
        }
    }

    private static void requireFits(LoraPair pair, ModelOutline model) {
        List<Long> shape = model.shape(pair.tensor())
                .orElseThrow(() -> new InvalidModelException(
                        "adapter-tensor",
                        "The adapter updates " + pair.tensor()
                                + ", and " + model.name()
                                + " has no such tensor; it was probably made for another model"
                                + (pair.tensor().equals(TensorNames.HEAD)
                                        ? ", or for one with an untied output head."
                                        : ".")));
        long experts = shape.size() == 3 ? shape.get(2) : 1;
        if (shape.size() < 2
                || shape.size() > 3
                || shape.get(0) != pair.inputs()
                || shape.get(1) != pair.outputs()
                || experts != pair.experts()) {
            throw new InvalidModelException(
                    "adapter-shape",
                    "The adapter updates " + pair.tensor() + " as "
                            + pair.inputs() + " x " + pair.outputs()
                            + (pair.experts() == 1 ? "" : " x " + pair.experts()) + ", and in " + model.name()
                            + " it is "
                            + TensorNames.shape(shape) + "; the adapter was made for another model.");
        }
        if (pair.tensor().equals(TensorNames.EMBEDDING) && model.hasTiedHead()) {
            throw new InvalidModelException(
                    "adapter-tied-embedding",
                    "The adapter updates " + pair.tensor()
                            + ", which in " + model.name()
                            + " is the output head as well, so that the update would change"
                            + " both; train without the embedding.");
        }
    }
}
