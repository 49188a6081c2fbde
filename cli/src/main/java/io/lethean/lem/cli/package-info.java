/** The {@code lem} command: each class parses options, calls one thing in the library and prints what came back. */
@NullMarked
package io.lethean.lem.cli;

import org.jspecify.annotations.NullMarked;
