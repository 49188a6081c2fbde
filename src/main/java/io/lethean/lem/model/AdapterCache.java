package io.lethean.lem.model;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The adapters of a model and of the requests that name some, each loaded once.
 *
 * <p>The thread that asks for an adapter checks and converts it, and holds it until its answer has ended; the model's thread
 * loads it when it is first applied. An adapter that nobody holds stays for the next request, until {@value #MOST_UNUSED}
 * others were used after it. A file that has changed is another adapter.
 *
 * <p>Safe for use by any number of threads, except for what is for the model's thread.
 */
final class AdapterCache {

    /** Adapters that are kept although nobody holds them. */
    static final int MOST_UNUSED = 8;

    private static final System.Logger LOG = System.getLogger(LemModel.class.getName());

    private final GgufFile base;
    private final Map<Key, CachedAdapter> adapters = new LinkedHashMap<>();

    AdapterCache(GgufFile base) {
        this.base = base;
    }

    /** The files of an adapter as they are now. */
    private record Key(List<Path> files, List<FileTime> changed, List<Long> sizes) {
        static Key of(AdapterUse use) throws IOException {
            List<Path> files = new ArrayList<>();
            List<FileTime> changed = new ArrayList<>();
            List<Long> sizes = new ArrayList<>();
            for (Path file : AdapterFiles.files(use.path())) {
                files.add(file.toRealPath());
                changed.add(Files.getLastModifiedTime(file));
                sizes.add(Files.size(file));
            }
            return new Key(files, changed, sizes);
        }
    }

    /**
     * Makes adapters ready and keeps them until {@link #release}.
     *
     * @throws io.lethean.lem.InvalidModelException naming the first one that cannot be used
     * @throws io.lethean.lem.InsufficientMemoryException if they would not fit
     * @throws IOException if one cannot be read
     */
    AdapterSet hold(List<AdapterUse> uses) throws IOException {
        if (uses.isEmpty()) {
            return AdapterSet.NONE;
        }
        List<Key> keys = new ArrayList<>();
        for (AdapterUse use : uses) {
            keys.add(Key.of(use));
        }
        List<CachedAdapter> held = holdAll(keys);
        while (held == null) {
            add(uses, keys);
            held = holdAll(keys);
        }
        return new AdapterSet(uses, held);
    }

    /** Holds all; null if one is not there. What is used last is freed last. */
    private synchronized @Nullable List<CachedAdapter> holdAll(List<Key> keys) {
        if (!adapters.keySet().containsAll(keys)) {
            return null;
        }
        List<CachedAdapter> held = new ArrayList<>();
        for (Key key : keys) {
            CachedAdapter adapter = Objects.requireNonNull(adapters.remove(key));
            adapter.hold();
            adapters.put(key, adapter);
            held.add(adapter);
        }
        return held;
    }

    /** Adds those that are missing. Reading and converting them takes time, so others need not wait for it. */
    private void add(List<AdapterUse> uses, List<Key> keys) throws IOException {
        Map<Key, AdapterUse> missing = new LinkedHashMap<>();
        synchronized (this) {
            for (int index = 0; index < uses.size(); index++) {
                if (!adapters.containsKey(keys.get(index))) {
                    missing.put(keys.get(index), uses.get(index));
                }
            }
        }
        Iterator<AdapterSource> made =
                AdapterSources.of(List.copyOf(missing.values()), base).list().iterator();
        synchronized (this) {
            for (Key key : missing.keySet()) {
                AdapterSource source = made.next();
                if (adapters.containsKey(key)) {
                    source.close();
                } else {
                    adapters.put(key, new CachedAdapter(source));
                    source.notes().forEach(note -> LOG.log(Level.WARNING, note));
                }
            }
        }
    }

    /** The adapters that requests name; see {@link AdapterLease}. */
    AdapterLease lease(List<GenerationOptions> requests) {
        AdapterLease lease = new AdapterLease(this);
        requests.forEach(lease::add);
        return lease;
    }

    /** Gives back what {@link #hold} gave. */
    synchronized void release(AdapterSet set) {
        set.adapters().forEach(CachedAdapter::release);
    }

    /**
     * Frees what is not held and was not used for long; for the model's thread.
     *
     * @param applied what a context applies, which stays
     */
    synchronized void freeUnused(AdapterSet applied) {
        List<Map.Entry<Key, CachedAdapter>> unused = adapters.entrySet().stream()
                .filter(each -> !each.getValue().isHeld() && !applied.adapters().contains(each.getValue()))
                .toList();
        unused.subList(0, Math.max(0, unused.size() - MOST_UNUSED)).forEach(each -> {
            adapters.remove(each.getKey());
            each.getValue().free();
        });
    }

    /** Frees all; for the model's thread, after no context applies one. */
    synchronized void close() {
        adapters.values().forEach(CachedAdapter::free);
        adapters.clear();
    }
}
