package io.lethean.lem.convert;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The modules of an architecture, one row each: what a checkpoint and a GGUF file call a weight, and the shape it has.
 *
 * <p>Conversion reads the table from left to right and export from right to left.
 */
final class ModuleTable {

    private static final Pattern SUFFIX = Pattern.compile("(.+)\\.(weight|bias)");
    private static final Pattern TARGET_LAYER = Pattern.compile("blk\\.(\\d{1,4})\\.(.+)");

    /**
     * A row.
     *
     * @param source the module in a checkpoint, below its layer if it is in one
     * @param target the tensor in a GGUF file, below its layer
     * @param shape the dimensions in a checkpoint; a bias has the first of them
     * @param inLayer true if every layer has one
     * @param required true if a model cannot be without it
     */
    record Module(String source, String target, List<Dim> shape, boolean inLayer, boolean required) {
        Module {
            shape = List.copyOf(shape);
        }
    }

    /**
     * A tensor that the table knows.
     *
     * @param layer its layer; empty outside the layers
     * @param suffix {@code weight} or {@code bias}
     */
    record Place(Module module, OptionalInt layer, String suffix) {

        /** The tensor's name in a GGUF file. */
        String target() {
            String prefix = layer.isPresent() ? "blk." + layer.getAsInt() + "." : "";
            return prefix + module.target() + "." + suffix;
        }
    }

    private final String layerPrefix;
    private final Pattern inLayer;
    private final Map<String, Module> rows = new LinkedHashMap<>();

    /** @param layerPrefix the text before the number of a layer, such as {@code model.layers.} */
    ModuleTable(String layerPrefix) {
        this.layerPrefix = layerPrefix;
        this.inLayer = Pattern.compile(Pattern.quote(layerPrefix) + "(\\d{1,4})\\.(.+)");
    }

    /** Adds a module that every layer has. */
    ModuleTable layer(String source, String target, Dim... shape) {
        return add(new Module(source, target, List.of(shape), true, true));
    }

    /** Adds a module that layers may have. */
    ModuleTable layerOption(String source, String target, Dim... shape) {
        return add(new Module(source, target, List.of(shape), true, false));
    }

    /** Adds a module outside the layers. */
    ModuleTable top(String source, String target, Dim... shape) {
        return add(new Module(source, target, List.of(shape), false, true));
    }

    /** Adds a module outside the layers that a model may have. */
    ModuleTable topOption(String source, String target, Dim... shape) {
        return add(new Module(source, target, List.of(shape), false, false));
    }

    private ModuleTable add(Module module) {
        rows.put(key(module.inLayer(), module.source()), module);
        return this;
    }

    private static String key(boolean inLayer, String source) {
        return (inLayer ? "." : "") + source;
    }

    /** The row of a checkpoint's tensor such as {@code model.layers.0.self_attn.q_proj.weight}. */
    Optional<Place> find(String tensor) {
        Matcher suffix = SUFFIX.matcher(tensor);
        if (!suffix.matches()) {
            return Optional.empty();
        }
        String module = suffix.group(1);
        Matcher layer = inLayer.matcher(module);
        OptionalInt number = layer.matches() ? OptionalInt.of(Integer.parseInt(layer.group(1))) : OptionalInt.empty();
        String source = layer.matches() ? layer.group(2) : module;
        return Optional.ofNullable(rows.get(key(layer.matches(), source)))
                .map(row -> new Place(row, number, suffix.group(2)));
    }

    /** The row of a GGUF file's tensor such as {@code blk.0.attn_q.weight}. */
    Optional<Place> findTarget(String tensor) {
        Matcher suffix = SUFFIX.matcher(tensor);
        if (!suffix.matches()) {
            return Optional.empty();
        }
        Matcher layer = TARGET_LAYER.matcher(suffix.group(1));
        boolean inside = layer.matches();
        OptionalInt number = inside ? OptionalInt.of(Integer.parseInt(layer.group(1))) : OptionalInt.empty();
        String target = inside ? layer.group(2) : suffix.group(1);
        return rows.values().stream()
                .filter(row -> row.inLayer() == inside && row.target().equals(target))
                .findFirst()
                .map(row -> new Place(row, number, suffix.group(2)));
    }

    /** The checkpoint's name of a tensor. */
    String sourceName(Place place) {
        return sourceName(place.module(), place.layer().orElse(0)) + "." + place.suffix();
    }

    /** All rows. */
    List<Module> modules() {
        return List.copyOf(rows.values());
    }

    /** The checkpoint's name of a module. */
    String sourceName(Module module, int layer) {
        return module.inLayer() ? layerPrefix + layer + "." + module.source() : module.source();
    }
}
