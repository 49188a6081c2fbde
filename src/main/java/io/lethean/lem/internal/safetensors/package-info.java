/** Safetensors files: a checked header, values read on demand, and files written whole or not at all. */
@NullMarked
package io.lethean.lem.internal.safetensors;

import org.jspecify.annotations.NullMarked;
