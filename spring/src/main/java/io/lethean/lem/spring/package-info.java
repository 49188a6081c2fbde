/**
 * Spring AI's chat and embedding models on a {@link io.lethean.lem.model.LemModel} in this process. Nothing here owns the model;
 * {@link io.lethean.lem.spring.autoconfigure} makes them from properties and closes the model with the application context.
 */
@NullMarked
package io.lethean.lem.spring;

import org.jspecify.annotations.NullMarked;
