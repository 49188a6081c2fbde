/**
 * Answers of models as they are meant: thoughts, words, and calls of tools; and grammars that hold an answer to a call.
 *
 * <p>{@link io.lethean.lem.internal.tools.AnswerStyle} finds out from a chat template how its model writes,
 * {@link io.lethean.lem.internal.tools.AnswerReader} reads, and {@link io.lethean.lem.internal.tools.CallGrammar} makes the
 * grammar. What models write is not trusted: reading has a bounded depth, and what cannot be read stays text.
 */
@NullMarked
package io.lethean.lem.internal.tools;

import org.jspecify.annotations.NullMarked;
