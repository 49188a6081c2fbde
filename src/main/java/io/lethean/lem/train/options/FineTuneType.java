package io.lethean.lem.train.options;

/** Which weights a training changes, under mlx-lm's names. */
public enum FineTuneType {
    /** A low-rank update of the model's weights, which stay unchanged, in any type. */
    LORA("adapter"),
    /**
     * A low-rank update, and a trained magnitude for each row of the sum (DoRA, Liu et al. 2024). The result can be merged and
     * converted; llama.cpp cannot apply it next to the model.
     */
    DORA("adapter"),
    /** All weights of an f32 model; also for training from random weights. */
    FULL("model");

    private final String resultName;

    FineTuneType(String resultName) {
        this.resultName = resultName;
    }

    /** {@return whether an adapter is trained, and not the model} */
    public boolean isAdapter() {
        return this != FULL;
    }

    /** {@return what the file of the result is called} */
    public String resultName() {
        return resultName;
    }
}
