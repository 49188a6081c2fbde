/** Events for JDK Flight Recorder; they cost nothing while nobody records. */
@NullMarked
package io.lethean.lem.internal.jfr;

import org.jspecify.annotations.NullMarked;
