package io.lethean.lem.train;

import io.lethean.lem.internal.engine.BatchShape;
import io.lethean.lem.internal.engine.SampleBatch;
import io.lethean.lem.train.dataset.Batch;
import io.lethean.lem.train.dataset.BatchLayout;
import io.lethean.lem.train.dataset.BatchPlan;
import io.lethean.lem.train.dataset.SampleSet;
import io.lethean.lem.train.dataset.TrainingSample;
import io.lethean.lem.train.options.TrainingOptions;
import java.util.List;

/** The batches of a set of samples: the batch of an iteration follows from samples, options and seed alone. */
final class Batches {

    private static final int ROW_MULTIPLE = 32;

    private final List<TrainingSample> samples;
    private final BatchPlan plan;
    private final int batchSize;
    private final boolean packed;
    private long epoch = -1;
    private List<Batch> batches = List.of();

    Batches(SampleSet set, TrainingOptions options) {
        samples = set.samples();
        batchSize = options.batch().batchSize();
        packed = options.samples().pack();
        int packedLength = packed ? options.samples().maxSequenceLength() : 0;
        plan = BatchPlan.of(samples, new BatchLayout(batchSize, ROW_MULTIPLE, packedLength, options.seed()));
    }

    /** The largest shape that any batch may have. */
    BatchShape largest() {
        int[] lengths = plan.rowLengths();
        return new BatchShape(Math.min(batchSize, samples.size()), lengths[lengths.length - 1], packed);
    }

    int perEpoch() {
        return plan.batchesPerEpoch();
    }

    /** @param number from 0, through all epochs */
    SampleBatch batch(long number) {
        if (plan.epochOf(number) != epoch) {
            epoch = plan.epochOf(number);
            batches = plan.epoch(epoch);
        }
        return SampleBatch.of(batches.get((int) (number % perEpoch())), samples);
    }
}
