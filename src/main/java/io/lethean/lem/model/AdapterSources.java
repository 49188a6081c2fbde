package io.lethean.lem.model;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.nativelib.AvailableMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Adapters made ready for a model, all or nothing; closing deletes what was made for it. */
record AdapterSources(List<AdapterSource> list) implements AutoCloseable {

    /**
     * Finds, converts and checks them in turn.
     *
     * @throws io.lethean.lem.InvalidModelException naming the first one that cannot be used
     * @throws InsufficientMemoryException if they would not fit in addition to what is loaded
     * @throws IOException if one cannot be read
     */
    static AdapterSources of(List<AdapterUse> uses, GgufFile base) throws IOException {
        AdapterSources sources = new AdapterSources(new ArrayList<>());
        try {
            for (AdapterUse use : uses) {
                sources.list.add(AdapterSource.of(use, base));
            }
            sources.requireRoom(new AvailableMemory().bytes(Long.MAX_VALUE));
            return sources;
        } catch (IOException | RuntimeException | Error failed) {
            sources.close();
            throw failed;
        }
    }

    void requireRoom(long available) {
        long needed =
                list.stream().mapToLong(source -> source.file().tensorBytes()).sum();
        if (needed > available) {
            throw new InsufficientMemoryException(
                    String.format(
                            Locale.ROOT,
                            "The adapters take %,d MiB of memory and %,d MiB are free; use fewer or smaller ones.",
                            Math.ceilDiv(needed, 1L << 20),
                            available >> 20),
                    needed,
                    available);
        }
    }

    @Override
    public void close() {
        list.forEach(AdapterSource::close);
    }
}
