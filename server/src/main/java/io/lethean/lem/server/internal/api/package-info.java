/** The endpoints: requests are read, the model is asked, and answers are written in OpenAI's shapes. */
@NullMarked
package io.lethean.lem.server.internal.api;

import org.jspecify.annotations.NullMarked;
