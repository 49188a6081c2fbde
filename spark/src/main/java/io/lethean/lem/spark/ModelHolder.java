package io.lethean.lem.spark;

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

    /** Counts for tests: the loads of this JVM. */
    private static int loads;

    private static final Map<NamedModel, Held> HELD = new HashMap<>();

    private ModelHolder() {}

    private static final class Held {
        final LemModel model;
        final ModelIdentity identity;
        int users;
        boolean last;

        Held(LemModel model, ModelIdentity identity) {
            this.model = model;
            this.identity = identity;
        }
    }

    /** A model in use; closing it lets another model take its place. */
    static final class Lease implements AutoCloseable {
        private final NamedModel key;
        private final Held held;

        private Lease(NamedModel key, Held held) {
            this.key = key;
            this.held = held;
        }

        LemModel model() {
            return held.model;
        }

        /** Of the files that were loaded. */
        ModelIdentity identity() {
            return held.identity;
        }

        @Override
        public void close() {
            release(key, held);
        }
    }

    /** The model, loaded if no task uses it yet; the first task loads, and others wait for it. */
    static synchronized Lease acquire(NamedModel named) throws IOException {
        NamedModel model = named.withName("model"); // Its name does not decide what is loaded.
        Held held = HELD.get(model);
        if (held == null || held.model.isClosed()) {
            closeIdle();
            ModelIdentity identity = model.identity();
            held = new Held(model.load(), identity);
            loads++;
            HELD.put(model, held);
        }
        held.users++;
        return new Lease(model, held);
    }

    private static synchronized void release(NamedModel key, Held held) {
        held.users--;
        if (held.users == 0 && held.last) {
            HELD.remove(key, held);
            held.model.close();
        }
    }

    private static void closeIdle() {
        for (Iterator<Held> each = HELD.values().iterator(); each.hasNext(); ) {
            Held held = each.next();
            if (held.users == 0) {
                each.remove();
                held.model.close();
            }
        }
    }

    /** Closes all models; one in use is closed when its last task ends. */
    static synchronized void releaseAll() {
        HELD.values().forEach(held -> held.last = true);
        closeIdle();
    }

    static synchronized int loads() {
        return loads;
    }

    /** Models that are loaded now. */
    static synchronized int held() {
        return HELD.size();
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
