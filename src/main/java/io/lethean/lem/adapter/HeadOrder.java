package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.HeadRows;

/**
 * The order of the rows of query and key projections, which GGUF and Hugging Face keep differently for some models.
 *
 * <p>Rotary embeddings turn pairs of rows. The converter of llama.cpp leaves their order as it is for Gemma and Qwen, and
 * for Llama and Mistral puts the two rows of a pair next to each other ({@link HeadRows}). The inputs are not affected, so for an update {@code B * A}
 * only the rows of B move, and the values of a magnitude.
 */
final class HeadOrder {

    private HeadOrder() {}

    /**
     * An update of a Hugging Face tensor as one of the GGUF tensor.
     *
     * @throws InvalidModelException if the row order of the architecture is unknown, or the rows are not whole heads
     */
    static LoraPair toGguf(LoraPair pair, ModelOutline model) {
        int heads = pairedHeads(pair, model);
        if (heads == 0) {
            return pair;
        }
        int headRows = headRows(pair, heads);
        return pair.withOutputs(row -> (int) HeadRows.toSplit(row, headRows));
    }

    /**
     * The inverse of {@link #toGguf}.
     *
     * @throws InvalidModelException as there
     */
    static LoraPair fromGguf(LoraPair pair, ModelOutline model) {
        int heads = pairedHeads(pair, model);
        if (heads == 0) {
            return pair;
        }
        int headRows = headRows(pair, heads);
        return pair.withOutputs(row -> (int) HeadRows.toPaired(row, headRows));
    }

    /** The number of heads with paired rows; 0 for a tensor with the same row order in all formats. */
    private static int pairedHeads(LoraPair pair, ModelOutline model) {
        Architecture architecture = Architecture.byId(model.architecture()).orElseThrow(() -> unknown(model));
        if (architecture.rotation().pairing() == Architecture.Pairing.HALVES) {
            return 0;
        }
        int layer = TensorNames.layer(pair.tensor()).orElse(-1);
        return switch (TensorNames.part(pair.tensor()).orElse("")) {
            case "attn_q" -> model.heads(layer);
            case "attn_k" -> model.kvHeads(layer);
            default -> 0;
        };
    }

    private static InvalidModelException unknown(ModelOutline model) {
        return new InvalidModelException(
                "adapter-architecture",
                "PEFT and mlx-lm adapters can be converted for models of the architectures "
                        + String.join(", ", Architecture.ids()) + ", and " + model.name() + " is of architecture "
                        + model.architecture() + "; use a GGUF adapter for it.");
    }

    private static int headRows(LoraPair pair, int heads) {
        if (pair.outputs() % (2 * heads) != 0) {
            throw new InvalidModelException(
                    "adapter-shape",
                    "The adapter updates " + pair.tensor() + " with "
                            + pair.outputs() + " rows, which are not " + heads
                            + " heads of an even number of rows; it was probably made for another model.");
        }
        return pair.outputs() / heads;
    }
}
