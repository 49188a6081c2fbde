/**
 * Models and adapters by name from the Hugging Face hub, in the cache that Python's clients use.
 *
 * <p>Start at {@link io.lethean.lem.hub.Hub}. A name is {@code hf:org/name[/path][@revision][:quantization]}, see
 * {@link io.lethean.lem.hub.HubName}. Nothing here uses the network unless a method of {@code Hub} is called.
 */
@NullMarked
package io.lethean.lem.hub;

import org.jspecify.annotations.NullMarked;
