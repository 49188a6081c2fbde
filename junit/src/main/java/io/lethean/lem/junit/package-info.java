/**
 * JUnit tests of answers: {@link io.lethean.lem.junit.LemTest} compares what a model answers with a recorded run, probe by probe, and
 * fails only if the answers have become worse by more than chance explains.
 */
@NullMarked
package io.lethean.lem.junit;

import org.jspecify.annotations.NullMarked;
