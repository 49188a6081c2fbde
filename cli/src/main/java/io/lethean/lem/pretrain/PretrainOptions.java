package io.lethean.lem.pretrain;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a model is made of, and how long it is trained.
 *
 * @param texts files and folders of text and conversations
 * @param output the model, as Q8_0
 * @param workFolder where samples, first weights, checkpoints and the log go; an interrupted training resumes there
 * @param name that the model gives itself
 * @param shape its size
 * @param epochs passes over the text
 * @param conversationRepeats how often a pass comes to each conversation, so that answers are learned more by heart
 *     than prose is
 * @param batchSize samples in a batch
 * @param learningRate at its peak; a cosine takes it down to a tenth
 * @param weightDecay decoupled from the gradient
 * @param maxSequenceLength tokens of the longest sample; longer ones are cut at their end
 * @param seed of the split, the first weights and the order of the samples
 * @param threads of the CPU; with one the same seed gives the same bytes
 */
public record PretrainOptions(
        List<Path> texts,
        Path output,
        Path workFolder,
        String name,
        ModelShape shape,
        int epochs,
        int conversationRepeats,
        int batchSize,
        double learningRate,
        double weightDecay,
        int maxSequenceLength,
        long seed,
        int threads) {

    public PretrainOptions {
        texts = List.copyOf(texts);
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(workFolder, "workFolder");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(shape, "shape");
        boolean counted = epochs >= 1 && conversationRepeats >= 1 && batchSize >= 1 && threads >= 1;
        if (texts.isEmpty() || !counted || !(learningRate > 0) || !(weightDecay >= 0)) {
            throw new IllegalArgumentException("Training a model needs text, at least one epoch, repeat, sample and"
                    + " thread, and a positive learning rate: " + texts + ", " + epochs + ", " + conversationRepeats
                    + ", " + batchSize + ", " + threads + ", " + learningRate + ", weight decay " + weightDecay + ".");
        }
    }
}
