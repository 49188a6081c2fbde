package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which type each converted tensor is written in.
 *
 * <p>Written as a list such as {@code blk.*.ffn_down.weight=q8_0,attn_v=f16,q4_K}: the first item that matches a
 * tensor's name gives its type, an item without a name matches all, and a tensor that none matches keeps the type that
 * it has. A name may hold {@code *} for any characters, and one without {@code *} or dots is that part of any layer.
 * Types have ggml's names, in any case; {@code keep} keeps a tensor's own. An item without a name may also be a mix of
 * llama.cpp, such as {@code q4_K_M}.
 */
public final class OutputTypes {

    /** Every tensor keeps its type. */
    public static final OutputTypes KEEP = new OutputTypes(List.of());

    private static final String KEEP_NAME = "keep";

    private final List<Item> items;

    /** The type of a tensor in a model with this number of layers; empty to keep its type. */
    @FunctionalInterface
    private interface Choice {
        Optional<GgmlType> type(GgufTensor tensor, int layers);
    }

    /** A choice for the tensors that have matching names. */
    private record Item(Pattern names, Choice choice) {
        boolean forAll() {
            return names.matcher("").matches();
        }

        boolean matches(GgufTensor tensor) {
            return names.matcher(tensor.name()).matches();
        }

        GgmlType type(GgufTensor tensor, int layers) {
            return choice.type(tensor, layers).orElse(tensor.type());
        }
    }

    private OutputTypes(List<Item> items) {
        this.items = List.copyOf(items);
    }

    /**
     * Reads the written form.
     *
     * @param list such as {@code q4_K,output=q6_K}
     * @return the types
     * @throws IllegalArgumentException naming the item that is malformed, or the type that cannot be written
     */
    public static OutputTypes parse(String list) {
        List<Item> items = new ArrayList<>();
        for (String item : list.split(",", -1)) {
            if (!item.isBlank()) {
                items.add(item(item.strip()));
            }
        }
        return new OutputTypes(items);
    }

    /** These types for the tensors of these names; others keep theirs. */
    static OutputTypes of(Map<String, GgmlType> types) {
        return new OutputTypes(types.entrySet().stream()
                .map(entry -> new Item(
                        Pattern.compile(Pattern.quote(entry.getKey())),
                        (tensor, layers) -> Optional.of(entry.getValue())))
                .toList());
    }

    private static Item item(String item) {
        int equals = item.indexOf('=');
        String name = equals < 0 ? "*" : item.substring(0, equals).strip();
        String type = item.substring(equals + 1).strip();
        if (name.isEmpty() || type.isEmpty()) {
            throw new IllegalArgumentException("'" + item + "' is neither TYPE nor NAME=TYPE.");
        }
        return new Item(pattern(name), choice(type, equals >= 0));
    }

    private static Choice choice(String type, boolean named) {
        if (type.equalsIgnoreCase(KEEP_NAME)) {
            return (tensor, layers) -> Optional.empty();
        }
        Optional<QuantizationMix> mix = QuantizationMix.named(type);
        if (mix.isPresent() && named) {
            throw new IllegalArgumentException(
                    "'" + type + "' is a mix of types for a whole model; give the named tensors" + " one type, such as "
                            + type.substring(0, type.length() - 2) + ".");
        }
        Optional<GgmlType> fixed = mix.isPresent() ? Optional.empty() : Optional.of(type(type));
        return (tensor, layers) -> fixed.or(() -> mix.map(known -> known.type(tensor.name(), layers)));
    }

    private static Pattern pattern(String name) {
        boolean whole = name.contains("*") || name.contains(".");
        String quoted = Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(whole ? quoted : "(?:.*\\.)?" + quoted + "\\.weight");
    }

    private static GgmlType type(String name) {
        return Arrays.stream(GgmlType.values())
                .filter(type -> type.ggmlName().equalsIgnoreCase(name))
                .filter(GgmlType::isConvertible)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + name + "' is not a type that tensors can be written in; these are: " + names()
                                + ", and the mixes " + String.join(", ", QuantizationMix.labels()) + "."));
    }

    static String names() {
        return Arrays.stream(GgmlType.values())
                .filter(GgmlType::isConvertible)
                .map(GgmlType::ggmlName)
                .reduce((one, other) -> one + ", " + other)
                .orElseThrow();
    }

    /** How many layers a model has, as its header says. */
    static int layers(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        return (int) metadata.integer(metadata.ownKey("block_count")).orElse(0);
    }

    /** The type to write a tensor in, in a model with this number of layers; empty if no item matches it. */
    Optional<GgmlType> asked(GgufTensor tensor, int layers) {
        return first(tensor).map(item -> item.type(tensor, layers));
    }

    /** The type to write a tensor in, if the first item that matches is for tensors of some names only. */
    Optional<GgmlType> askedByName(GgufTensor tensor) {
        return first(tensor).filter(item -> !item.forAll()).map(item -> item.type(tensor, 0));
    }

    private Optional<Item> first(GgufTensor tensor) {
        return items.stream().filter(item -> item.matches(tensor)).findFirst();
    }
}
