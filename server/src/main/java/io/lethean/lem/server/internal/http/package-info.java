/** Connections, access rules, limits, bodies, event streams and metrics. This package does not know models. */
@NullMarked
package io.lethean.lem.server.internal.http;

import org.jspecify.annotations.NullMarked;
