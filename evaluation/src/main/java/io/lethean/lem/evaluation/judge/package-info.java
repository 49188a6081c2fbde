/**
 * Judges over HTTP and in this process, and a cache of their replies.
 *
 * <p>{@link io.lethean.lem.evaluation.judge.GeminiJudge} and {@link io.lethean.lem.evaluation.judge.OpenAiJudge} ask a service, {@link
 * io.lethean.lem.evaluation.judge.LocalJudge} a model; {@link
 * io.lethean.lem.evaluation.judge.CachedJudge} wraps any judge, so that no request is sent twice, in this run or a
 * later one.
 */
@NullMarked
package io.lethean.lem.evaluation.judge;

import org.jspecify.annotations.NullMarked;
