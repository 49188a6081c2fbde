package io.lethean.lem.spark;

import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.spark.Executor.Refusal;
import io.lethean.lem.spark.Executor.Result;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** A task: some questions of a job, by their indices, to the outcomes as {@link Portable} bytes. */
final class AskTask extends AbstractFunction1<Iterator<Integer>, byte[]> implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Broadcast<Portable.Box<AskJob>> job;
    private final Broadcast<Portable.Box<Questions>> questions;

    AskTask(Broadcast<Portable.Box<AskJob>> job, Broadcast<Portable.Box<Questions>> questions) {
        this.job = job;
        this.questions = questions;
    }

    /** The questions of a job; sent to each executor once, so that a kernel's text travels once. */
    record Questions(List<RunQuestion> all) {}

    @Override
    public byte[] apply(Iterator<Integer> indices) {
        List<RunQuestion> all = questions.value().value().all();
        List<RunQuestion> asked = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        while (indices.hasNext()) {
            int index = indices.next();
            numbers.add(index);
            asked.add(all.get(index));
        }
        try {
            return Portable.write(new Result(Executor.ask(job.value().value(), asked, numbers), ""));
        } catch (Refusal refused) {
            return Portable.write(new Result(List.of(), String.valueOf(refused.getMessage())));
        }
    }
}
