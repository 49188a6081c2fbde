/**
 * Loading a GGUF model and generating text with it.
 *
 * <p>{@code LemModel} is the door. It owns the native weights and one context; options and results are plain records,
 * complete enough to print or store without the model.
 */
@NullMarked
package io.lethean.lem.model;

import org.jspecify.annotations.NullMarked;
