/**
 * JSON Schema as GBNF: what a schema demands becomes a grammar that allows only such texts, or is refused by name.
 *
 * <p>Texts of strings and numbers are automata, so that patterns, lengths, ranges and multiples combine exactly.
 */
@NullMarked
package io.lethean.lem.internal.schema;

import org.jspecify.annotations.NullMarked;
