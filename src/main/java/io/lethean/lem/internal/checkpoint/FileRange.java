package io.lethean.lem.internal.checkpoint;

import java.nio.channels.FileChannel;

/** Consecutive bytes of an open file. */
public record FileRange(FileChannel channel, long position, long bytes) {}
