package io.lethean.lem.train.options;

/** What a training changes, under mlx-lm's names. */
public enum FineTuneType {
    /** A low-rank update beside the model's weights, which stay as they are, in any type. */
    LORA("adapter"),
    /** All weights of a model in f32; how a model is trained from random weights, too. */
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
