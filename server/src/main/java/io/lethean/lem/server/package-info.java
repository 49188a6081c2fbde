/**
 * A model served over HTTP, with OpenAI's API. {@link io.lethean.lem.server.LemServer} starts and stops it.
 */
@NullMarked
package io.lethean.lem.server;

import org.jspecify.annotations.NullMarked;
