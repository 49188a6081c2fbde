/** Questions to language models, answered on many machines by Apache Spark. */
@NullMarked
package io.lethean.lem.spark;

import org.jspecify.annotations.NullMarked;
