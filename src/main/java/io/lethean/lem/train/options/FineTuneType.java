package io.lethean.lem.train.options;

/** Which weights a training changes, under mlx-lm's names. */
public enum FineTuneType {
    /** A low-rank update of the model's weights, which stay unchanged, in any type. */
    LORA("adapter"),
    /** All weights of an f32 model; also for training from random weights. */
    FULL("model");

    private final String resultName;

    FineTuneType(String resultName) {
        this.resultName = resultName;
    }

    /** What the file of the result is called. */
    public String resultName() {
        return resultName;
    }
}
