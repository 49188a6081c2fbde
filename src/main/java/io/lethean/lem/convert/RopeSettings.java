package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The rotary embedding as a configuration in the form of transformers 5 describes it.
 *
 * @param all everything under {@code rope_parameters}
 * @param main the part for layers without a window, which is everything if there is only one kind of layer
 */
record RopeSettings(Optional<ModelConfig> all, Optional<ModelConfig> main) {

    private static final String FULL = "full_attention";

    static RopeSettings of(ModelConfig config) {
        Optional<ModelConfig> all = config.child("rope_parameters").or(() -> config.child("rope_scaling"));
        return new RopeSettings(all, all.map(each -> each.child(FULL).orElse(each)));
    }

    /** The kind of scaling in small letters; empty if it is not said. */
    Optional<String> type() {
        return main.flatMap(each -> each.text("rope_type", "type")).map(type -> type.toLowerCase(Locale.ROOT));
    }

    OptionalDouble theta(ModelConfig config) {
        OptionalDouble own = main.map(each -> each.real("rope_theta")).orElse(OptionalDouble.empty());
        return own.isPresent() ? own : config.real("rope_theta");
    }

    private OptionalDouble slidingTheta() {
        return all.flatMap(each -> each.child("sliding_attention"))
                .map(each -> each.real("rope_theta"))
                .orElse(OptionalDouble.empty());
    }

    /** Writes the kind of scaling and the base frequencies. */
    void write(Hyperparameters out, ModelConfig config) {
        main.ifPresent(parameters -> writeScaling(out, parameters));
        out.real("rope.freq_base", theta(config));
        out.real("rope.freq_base_swa", slidingTheta());
    }

    private void writeScaling(Hyperparameters out, ModelConfig parameters) {
        OptionalDouble factor = parameters.real("factor");
        switch (type().orElse("default")) {
            case "linear" -> {
                if (factor.isPresent()) {
                    out.text("rope.scaling.type", "linear");
                    out.real("rope.scaling.factor", factor);
                }
            }
            case "yarn" -> {
                if (factor.isPresent()) {
                    writeYarn(out, parameters, factor.getAsDouble());
                }
            }
            // Llama 3's scaling is a tensor of factors, and Gemma 4's also.
            case "default", "llama3", "proportional" -> {}
            default ->
                throw new InvalidModelException(
                        "config-rope",
                        "The file " + parameters.file() + " asks for the rotary embedding \"" + type().orElse("")
                                + "\", which is not converted; default, linear, yarn, llama3 and proportional are.");
        }
    }

    private static void writeYarn(Hyperparameters out, ModelConfig parameters, double factor) {
        out.text("rope.scaling.type", "yarn");
        out.real("rope.scaling.factor", factor);
        out.count("rope.scaling.original_context_length", parameters.required("original_max_position_embeddings"));
        out.real("rope.scaling.yarn_ext_factor", parameters.real("extrapolation_factor"));
        out.real("rope.scaling.yarn_attn_factor", parameters.real("attention_factor", "attn_factor"));
        out.real("rope.scaling.yarn_beta_fast", parameters.real("beta_fast"));
        out.real("rope.scaling.yarn_beta_slow", parameters.real("beta_slow"));
    }
}
