/**
 * Auto-configuration of {@link io.lethean.lem.spring} from properties that begin with {@code lem.}: models, health, metrics, and
 * sentences for what prevents a start.
 */
@NullMarked
package io.lethean.lem.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
