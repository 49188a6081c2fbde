/**
 * Judges behind HTTP and in this process, and the memory of what they said.
 *
 * <p>{@link io.lethean.lem.evaluation.judge.GeminiJudge} and {@link io.lethean.lem.evaluation.judge.OpenAiJudge} ask a service, {@link
 * io.lethean.lem.evaluation.judge.LocalJudge} a model; {@link
 * io.lethean.lem.evaluation.judge.CachedJudge} stands before any judge, so that no reply is asked for twice, in this run or a
 * later one.
 */
@NullMarked
package io.lethean.lem.evaluation.judge;

import org.jspecify.annotations.NullMarked;
