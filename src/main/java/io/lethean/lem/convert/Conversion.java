package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.convert.ModuleTable.Module;
import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import java.util.List;

/** One conversion while its tensors are planned: what a family needs to place a tensor, and what was placed. */
final class Conversion {

    private final Family family;
    private final ModelFolder folder;
    private final Dimensions dimensions;
    private final TensorPlan plan;
    private final ExpertStacks experts;

    private final long embeddingRows;

    /** @param embeddingRows tokens of the tokenizer, to which some families cut the embedding */
    Conversion(Family family, ModelFolder folder, TensorPlan plan, long embeddingRows) {
        this.embeddingRows = embeddingRows;
        this.family = family;
        this.folder = folder;
        this.dimensions = family.dimensions(folder.config());
        this.plan = plan;
        this.experts = new ExpertStacks(plan);
    }

    ModelFolder folder() {
        return folder;
    }

    ModelConfig config() {
        return folder.config();
    }

    Dimensions dimensions() {
        return dimensions;
    }

    TensorPlan plan() {
        return plan;
    }

    /** The experts of layers, which a checkpoint keeps one by one. */
    ExpertStacks experts() {
        return experts;
    }

    long embeddingRows() {
        return embeddingRows;
    }

    long layers() {
        return config().required("num_hidden_layers");
    }

    /** Adds a tensor as the table says, with its shape checked. */
    void add(SourceTensor tensor) {
        plan.add(place(tensor).target(), tensor);
    }

    /**
     * The place of a tensor, with its shape checked.
     *
     * @throws InvalidModelException if the table does not know it, its layer does not exist, or its shape is not the
     *     configuration's
     */
    Place place(SourceTensor tensor) {
        Place place = family.modules().find(tensor.name()).orElseThrow(() -> unknown(tensor));
        if (place.layer().isPresent() && place.layer().getAsInt() >= layers()) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "is in layer " + place.layer().getAsInt() + ", and config.json gives num_hidden_layers as "
                            + layers() + "; tensors and configuration are of different models");
        }
        List<Dim> dims = place.module().shape();
        check(tensor.requireReal(), place.suffix().equals("bias") ? List.of(dims.getFirst()) : dims);
        return place;
    }

    /** @throws InvalidModelException if a shape is not the configuration's */
    void check(SourceTensor tensor, List<Dim> dims) {
        if (!dimensions.fit(tensor.shape(), dims)) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "has the shape " + tensor.shapeText() + ", and by config.json it must be " + dimensions.text(dims)
                            + "; tensors and configuration are of different models");
        }
    }

    private InvalidModelException unknown(SourceTensor tensor) {
        return tensor.refuse(
                "checkpoint-names",
                "is not a tensor of the architecture " + family.id()
                        + "; config.json names another architecture than the weights have, or the model was changed");
    }

    /** @throws InvalidModelException naming the first tensor that is missing */
    void requireComplete() {
        experts.requireEmpty(folder);
        for (Module module : family.modules().modules()) {
            long copies = module.inLayer() ? layers() : 1;
            for (int layer = 0; module.required() && layer < copies; layer++) {
                String prefix = module.inLayer() ? "blk." + layer + "." : "";
                if (!plan.has(prefix + module.target() + ".weight")) {
                    String name = family.modules().sourceName(module, layer) + ".weight";
                    throw new InvalidModelException(
                            "checkpoint-missing",
                            "The folder " + folder.path() + " has no tensor " + name
                                    + ", which every model of the architecture " + family.id()
                                    + " has; the download is incomplete or config.json is of another model.");
                }
            }
        }
    }
}
