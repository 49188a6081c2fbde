/**
 * Owners of llama.cpp's objects and calls of {@code llama.h}: weights, contexts, adapters, vocabularies, grammars.
 *
 * <p>Errors become exceptions, and everything that llama.cpp would abort on is refused first. Owners are freed by the
 * thread that owns them, children before parents.
 */
@NullMarked
package io.lethean.lem.internal.llama;

import org.jspecify.annotations.NullMarked;
