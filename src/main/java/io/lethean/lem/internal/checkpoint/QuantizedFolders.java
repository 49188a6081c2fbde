package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import java.util.Optional;

/** Refuses folders that other programs have quantized. Only MXFP4 of GPT-OSS and what mlx-lm writes can be converted. */
public final class QuantizedFolders {

    private static final String MXFP4 = "mxfp4";

    private QuantizedFolders() {}

    /** The method that quantized a folder; empty if it is not quantized, or by mlx-lm. */
    private static Optional<String> method(ModelFolder folder) {
        return folder.raw()
                .child("quantization_config")
                .or(() -> folder.raw().child("text_config").flatMap(text -> text.child("quantization_config")))
                .flatMap(config -> config.find("quant_method"))
                .map(String::valueOf);
    }

    /** Whether matrices of the folder are MXFP4 in the form of GPT-OSS. */
    public static boolean isMxfp4(ModelFolder folder) {
        return method(folder).orElse("").equals(MXFP4);
    }

    /** @throws InvalidModelException naming the method that quantized the folder, unless it can be converted */
    public static void refuse(ModelFolder folder) {
        method(folder).filter(method -> !method.equals(MXFP4)).ifPresent(method -> {
            throw refusal(folder, method);
        });
        if (folder.has("hf_quant_config.json")) {
            throw refusal(folder, "modelopt");
        }
    }

    private static InvalidModelException refusal(ModelFolder folder, String method) {
        return new InvalidModelException(
                "checkpoint-quantized",
                "The model in " + folder.path() + " is quantized with " + method
                        + ", which is not converted. Take the model that it was made from: 'lem convert --type"
                        + " q4_K_M' makes a file of about the same size from it.");
    }
}
