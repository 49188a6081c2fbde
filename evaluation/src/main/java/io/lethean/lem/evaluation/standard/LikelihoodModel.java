package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.LogLikelihood;
import java.util.List;

/** Something that says how likely it finds texts, such as {@code model::logLikelihood}. */
@FunctionalInterface
public interface LikelihoodModel {

    /**
     * How likely each continuation is after the same context.
     *
     * @param context what is given
     * @param continuations what may follow it
     * @return one for each continuation, in their order
     * @throws io.lethean.lem.ContextOverflowException if the context does not fit with one of them
     * @throws IllegalArgumentException if one of them is nothing to the model
     */
    List<LogLikelihood> of(String context, List<String> continuations);
}
