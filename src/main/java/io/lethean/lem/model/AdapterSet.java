package io.lethean.lem.model;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.llama.NativeModel;
import io.lethean.lem.internal.llama.WeightedAdapter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adapters that are applied together. Two sets are equal if a prompt has the same KV cache with both.
 *
 * @param uses as they were asked for
 * @param adapters one for each of them; the same one twice counts twice
 */
record AdapterSet(List<AdapterUse> uses, List<CachedAdapter> adapters) {

    static final AdapterSet NONE = new AdapterSet(List.of(), List.of());

    AdapterSet {
        uses = List.copyOf(uses);
        adapters = List.copyOf(adapters);
    }

    /** Loads those that are not loaded yet; for the model's thread. */
    List<WeightedAdapter> load(NativeModel model) {
        Map<CachedAdapter, Float> weights = new LinkedHashMap<>();
        for (int index = 0; index < uses.size(); index++) {
            weights.merge(adapters.get(index), uses.get(index).weight(), Float::sum);
        }
        return weights.entrySet().stream()
                .map(each -> new WeightedAdapter(each.getKey().load(model), each.getValue()))
                .toList();
    }
}
