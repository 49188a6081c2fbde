package io.lethean.lem.pretrain;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a model is made of, and how long it is trained.
 *
 * @param files what is read and written
 * @param name that the model gives itself
 * @param shape its size
 * @param schedule how often and how fast it learns
 * @param seed of the split, the first weights and the order of the samples
 * @param threads of the CPU; with one the same seed gives the same bytes
 */
public record PretrainOptions(
        PretrainFiles files, String name, ModelShape shape, PretrainSchedule schedule, long seed, int threads) {

    /**
     * What is read and written.
     *
     * @param texts files and folders of text and conversations
     * @param output the model, as Q8_0
     * @param workFolder where samples, first weights, checkpoints and the log go; an interrupted training resumes there
     */
    public record PretrainFiles(List<Path> texts, Path output, Path workFolder) {

        public PretrainFiles {
            texts = List.copyOf(texts);
            Objects.requireNonNull(output, "output");
            Objects.requireNonNull(workFolder, "workFolder");
            if (texts.isEmpty()) {
                throw new IllegalArgumentException("Training a model needs at least one file or folder of text.");
            }
        }
    }

    /**
     * How often and how fast a model learns.
     *
     * @param epochs passes over the text
     * @param conversationRepeats how often a pass comes to each conversation, so that answers are learned more by heart
     *     than prose is
     * @param batchSize samples in a batch
     * @param learningRate at its peak; a cosine takes it down to a tenth
     * @param weightDecay decoupled from the gradient
     * @param maxSequenceLength tokens of the longest sample; longer ones are cut at their end
     */
    public record PretrainSchedule(
            int epochs,
            int conversationRepeats,
            int batchSize,
            double learningRate,
            double weightDecay,
            int maxSequenceLength) {

        public PretrainSchedule {
            if (epochs < 1 || conversationRepeats < 1 || batchSize < 1 || !(learningRate > 0) || !(weightDecay >= 0)) {
                throw new IllegalArgumentException("Training a model needs at least one epoch, repeat and sample, and a"
                        + " positive learning rate; found " + epochs + ", " + conversationRepeats + ", " + batchSize
                        + " and " + learningRate + ", weight decay " + weightDecay + ".");
            }
        }
    }

    public PretrainOptions {
        Objects.requireNonNull(files, "files");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(schedule, "schedule");
        if (threads < 1) {
            throw new IllegalArgumentException("Training a model needs at least one thread; found " + threads + ".");
        }
    }
}
