/** Files and their forms: JSON lines, numbers as Python prints them, hashes, locks. */
@NullMarked
package io.lethean.lem.internal.io;

import org.jspecify.annotations.NullMarked;
