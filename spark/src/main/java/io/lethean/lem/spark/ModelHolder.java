package io.lethean.lem.spark;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The models of a JVM: each is loaded once, whatever tasks use it, and stays until another model is needed or the
 * application ends. Several models are loaded at the same time only while tasks use them. Safe for use by several threads.
 */
final class ModelHolder {

    /** The models of this JVM. */
    static final ModelHolder SHARED = new ModelHolder(NamedModel::load);

    private final Loader loader;
    private final Map<NamedModel, Held> held = new HashMap<>();
    /** The model that stays when no task uses it. */
    private @Nullable Held latest;
    /** Counts for tests. */
    private int loads;

    /** Loads a model. */
    @FunctionalInterface
    interface Loader {
        LemModel load(NamedModel model) throws IOException;
    }

    ModelHolder(Loader loader) {
        this.loader = loader;
    }

    private static final class Held {
        final LemModel model;
        final ModelIdentity identity;
        int users;

        Held(LemModel model, ModelIdentity identity) {
            this.model = model;
            this.identity = identity;
        }

        boolean isUsable() {
            try {
                model.requireUsable();
                return true;
            } catch (RuntimeException lost) {
                return false;
            }
        }
    }

    /** A model in use; closing it lets another model take its place. */
    final class Lease implements AutoCloseable {
        private final Held leased;

        private Lease(Held leased) {
            this.leased = leased;
        }

        LemModel model() {
            return leased.model;
        }

        /** Of the files that were loaded. */
        ModelIdentity identity() {
            return leased.identity;
        }

        @Override
        public void close() {
            release(leased);
        }
    }

    /**
     * The model, loaded if no task uses it yet; the first task loads, and others wait for it. A model for which memory is
     * short waits for those in use, and so does one that has to be loaded again because ggml aborted.
     */
    synchronized Lease acquire(NamedModel named) throws IOException, InterruptedException {
        NamedModel model = named.withName("model"); // Its name does not decide what is loaded.
        Held found = held.get(model);
        while (found == null || !found.isUsable()) {
            if (!load(model)) {
                wait();
            }
            found = held.get(model);
        }
        found.users++;
        latest = found;
        closeIdle();
        return new Lease(found);
    }

    /** Loads a model; false if that must wait until a model in use is released. */
    private boolean load(NamedModel model) throws IOException {
        latest = null;
        closeIdle();
        if (held.containsKey(model)) {
            return false;
        }
        ModelIdentity identity = model.identity();
        try {
            held.put(model, new Held(loader.load(model), identity));
        } catch (InsufficientMemoryException full) {
            if (held.isEmpty()) {
                throw full;
            }
            return false;
        }
        loads++;
        return true;
    }

    private synchronized void release(Held released) {
        released.users--;
        if (released.users == 0) {
            closeIdle();
            notifyAll();
        }
    }

    /** Closes the models that no task uses, but for the one that was asked for last. */
    private void closeIdle() {
        for (Iterator<Held> each = held.values().iterator(); each.hasNext(); ) {
            Held idle = each.next();
            if (idle.users == 0 && idle != latest) {
                each.remove();
                idle.model.close();
            }
        }
    }

    /** Closes all models; one in use is closed when its last task ends. */
    synchronized void releaseAll() {
        latest = null;
        closeIdle();
    }

    synchronized int loads() {
        return loads;
    }

    /** Models that are loaded now. */
    synchronized int held() {
        return held.size();
    }

    /** What tells two models apart, for messages; null if nothing does. */
    static @Nullable String difference(ModelIdentity expected, ModelIdentity found) {
        if (!expected.sha256().equals(found.sha256())) {
            return "its model file has the checksum " + found.sha256() + ", and the driver's has " + expected.sha256();
        }
        if (!expected.adapters().stream()
                .map(adapter -> adapter.sha256() + adapter.weight())
                .toList()
                .equals(found.adapters().stream()
                        .map(adapter -> adapter.sha256() + adapter.weight())
                        .toList())) {
            return "its adapters are not those of the driver";
        }
        return null;
    }
}
