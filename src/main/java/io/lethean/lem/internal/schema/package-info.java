/**
 * JSON Schema as GBNF: what a schema demands becomes a grammar whose texts all follow it, or is refused by name.
 *
 * <p>Texts of strings and numbers are automata, so that patterns, lengths, ranges and multiples combine exactly.
 */
@NullMarked
package io.lethean.lem.internal.schema;

import org.jspecify.annotations.NullMarked;
