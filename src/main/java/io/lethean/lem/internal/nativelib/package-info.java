/**
 * Finds, unpacks, loads and verifies the native libraries, and catches what they log.
 *
 * <p>{@link io.lethean.lem.internal.nativelib.NativeLibraries#load()} comes before any call of a binding. It looks for the
 * libraries in the folder that the system property {@code lem.native.path} names, else in the jar of this platform
 * (classifier {@code natives-<os>-<arch>}), else where the checkout that the classes were compiled in has built them.
 */
@NullMarked
package io.lethean.lem.internal.nativelib;

import org.jspecify.annotations.NullMarked;
