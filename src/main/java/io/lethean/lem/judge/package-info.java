/**
 * Judges behind HTTP, and the memory of what they said.
 *
 * <p>{@link io.lethean.lem.judge.GeminiJudge} and {@link io.lethean.lem.judge.OpenAiJudge} ask; {@link
 * io.lethean.lem.judge.CachedJudge} stands before any judge, so that no reply is asked for twice, in this run or a
 * later one.
 */
@NullMarked
package io.lethean.lem.judge;

import org.jspecify.annotations.NullMarked;
