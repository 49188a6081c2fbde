package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.NewTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes updates of experts in the form of PEFT with transformers 5, which {@link PeftExpertReader} describes.
 *
 * <p>Updates of gate and up become one of {@code gate_up_proj} with the ranks of both: the rows of A follow each other, and B
 * has zeros where a row of A belongs to the other projection.
 */
final class PeftExpertWriter {

    private final Adapter adapter;
    private final ModelOutline model;
    private final Map<Integer, Map<String, LoraPair>> layers = new TreeMap<>();

    PeftExpertWriter(Adapter adapter, ModelOutline model) {
        this.adapter = adapter;
        this.model = model;
    }

    /**
     * Takes an update of experts.
     *
     * @throws InvalidModelException if the names of the architecture's experts in transformers are not known
     */
    void add(LoraPair pair) {
        if (!ExpertNames.hasPeftForm(model)) {
            throw TensorNames.noModule(pair.tensor());
        }
        layers.computeIfAbsent(TensorNames.layer(pair.tensor()).orElseThrow(), key -> new TreeMap<>())
                .put(TensorNames.part(pair.tensor()).orElseThrow(), pair);
    }

    /**
     * Adds what was taken.
     *
     * @param prefix of the names of tensors
     */
    void addTo(String prefix, List<NewTensor> tensors, List<PeftTarget> targets) {
        layers.forEach((layer, parts) -> {
            LoraPair gate = parts.get(ExpertNames.GATE);
            LoraPair up = parts.get(ExpertNames.UP);
            LoraPair down = parts.get(ExpertNames.DOWN);
            String module = "model.layers." + layer + ".mlp.experts";
            if (gate != null || up != null) {
                Fused fused = fused(gate, up);
                put(prefix + module + (down == null ? "" : ".base_layer"), fused.a(), fused.b(), tensors);
                targets.add(target(layer, PeftConfig.GATE_UP, fused.rank(), fused.alpha()));
            }
            if (down != null) {
                put(prefix + module, down.a(), apart(down), tensors);
                targets.add(target(layer, PeftConfig.DOWN, down.rank(), adapter.alpha()));
            }
        });
    }

    private static void put(String module, Factor a, Factor b, List<NewTensor> tensors) {
        tensors.add(SafetensorsFactors.matrix(module + ".lora_A.weight", a));
        tensors.add(SafetensorsFactors.matrix(module + ".lora_B.weight", b));
    }

    private static PeftTarget target(int layer, String parameter, int rank, float alpha) {
        String inLayer = "mlp.experts." + parameter;
        return new PeftTarget(layer, inLayer, "model.layers." + layer + "." + inLayer, true, rank, alpha);
    }

    /** B with a row per output, the columns of an expert as far apart as there are experts. */
    private static Factor apart(LoraPair pair) {
        int experts = pair.experts();
        int columns = pair.rank() * experts;
        return pair.b().picked(pair.outputs(), columns, i -> {
            int expert = i % columns % experts;
            int column = i % columns / experts;
            return (expert * pair.outputs() + i / columns) * pair.rank() + column;
        });
    }

    /** The update of {@code gate_up_proj}. */
    private record Fused(Factor a, Factor b, int rank, float alpha) {}

    private Fused fused(@Nullable LoraPair gate, @Nullable LoraPair up) {
        List<LoraPair> both = new ArrayList<>();
        if (gate != null) {
            both.add(gate);
        }
        if (up != null) {
            both.add(up);
        }
        LoraPair first = both.getFirst();
        int rank = both.stream().mapToInt(LoraPair::rank).sum();
        int experts = first.experts();
        int inputs = first.inputs();
        int outputs = first.outputs();
        boolean half =
                both.stream().allMatch(pair -> pair.a().isHalf() && pair.b().isHalf() && pair.rank() == first.rank());
        Factor a = Factor.reading(experts * rank, inputs, half, (into, at) -> {
            int before = 0;
            for (LoraPair pair : both) {
                float[] values = pair.a().values();
                int each = pair.rank() * inputs;
                for (int expert = 0; expert < experts; expert++) {
                    System.arraycopy(values, expert * each, into, at + (expert * rank + before) * inputs, each);
                }
                before += pair.rank();
            }
        });
        Factor b = Factor.reading(2 * outputs, rank * experts, half, (into, at) -> {
            Arrays.fill(into, at, at + 2 * outputs * rank * experts, 0);
            int before = 0;
            for (LoraPair pair : both) {
                put(pair, first.rank(), pair.equals(up), before, rank, into, at);
                before += pair.rank();
            }
        });
        // All of it has the scale of the first: alpha of both ranks is as much larger as the ranks together.
        return new Fused(a, b, rank, adapter.alpha() * rank / first.rank());
    }

    private void put(LoraPair pair, int scaledAs, boolean up, int before, int rank, float[] into, int at) {
        float[] values = pair.b().values();
        float factor = (float) scaledAs / pair.rank();
        for (int i = 0; i < values.length; i++) {
            int row = i / pair.rank();
            int output = ExpertNames.fusedRow(model, up, row % pair.outputs(), pair.outputs());
            int column = (before + i % pair.rank()) * pair.experts() + row / pair.outputs();
            into[at + output * rank * pair.experts() + column] = factor * values[i];
        }
    }
}
