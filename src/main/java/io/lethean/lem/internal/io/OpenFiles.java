package io.lethean.lem.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Files that are open for reading until all of them are closed together. */
public final class OpenFiles implements Closeable {

    private final List<FileChannel> channels = new ArrayList<>();

    public FileChannel open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channels.add(channel);
        return channel;
    }

    /** The file that was opened at this place in the order. */
    public FileChannel get(int index) {
        return channels.get(index);
    }

    /** Closes them all; throws what closing the last one that failed threw. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (FileChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
