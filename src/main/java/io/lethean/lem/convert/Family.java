package io.lethean.lem.convert;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/**
 * A kind of model that can be converted. Its facts are a table of modules, its hyperparameters, and the tensors that need
 * more than a new name.
 */
interface Family {

    /** What its models have in common. */
    FamilyFacts facts();

    /** The classes in {@code config.json} that are of this kind. */
    default List<String> classes() {
        return facts().classes();
    }

    /** The value of {@code general.architecture}. */
    default String id() {
        return facts().id();
    }

    /** Which tokenizer files count. */
    default TokenizerFamily tokenizer() {
        return facts().tokenizer();
    }

    /** The names and shapes of the tensors. */
    default ModuleTable modules() {
        return facts().modules();
    }

    /** The sizes of the tensors' dimensions. */
    default Dimensions dimensions(ModelConfig config) {
        return Dimensions.of(config);
    }

    /** The tensor under the name that the table has; empty if it is not a part of the text model. */
    default Optional<SourceTensor> select(SourceTensor tensor) {
        return TextTensors.select(tensor);
    }

    /** Whether models of this kind may have an output head. */
    default boolean hasHead() {
        return modules().modules().stream().anyMatch(module -> module.target().equals("output"));
    }

    /** Writes what the configuration says. */
    void hyperparameters(Hyperparameters out, ModelFolder folder);

    /**
     * Adds the tensors that come first: those that are computed, and those that are made of several others.
     *
     * @param tensors all tensors of the checkpoint
     */
    default void addOwn(Conversion conversion, List<SourceTensor> tensors) {}

    /** How a GGUF file of this kind becomes a checkpoint again; empty if it cannot. */
    default Optional<CheckpointForm> checkpointForm() {
        return Optional.empty();
    }

    /**
     * The values of a GGUF tensor as a checkpoint has them: the way back from {@link #convert}.
     *
     * @param rows the tensor's rows, as F32 if they are changed here
     */
    default Rows restore(Place place, Rows rows, Dimensions dimensions) {
        return rows;
    }

    /** Whether {@link #restore} changes values, and not only their order. */
    default boolean computes(Place place) {
        return false;
    }

    /** Adds a tensor of the checkpoint to the plan. */
    default void convert(SourceTensor tensor, Conversion conversion) {
        conversion.add(tensor);
    }
}
