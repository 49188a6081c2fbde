package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.SourceTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names under which a checkpoint keeps the matrices of single experts.
 *
 * @param pattern of a name; its groups are the layer, the expert and the matrix
 * @param targets what a GGUF file calls each matrix below the layer
 * @param order the GGUF names in the order in which the converter writes them
 */
record StackedExperts(Pattern pattern, Map<String, String> targets, List<String> order) {

    /** A tensor of one expert. */
    record Place(int layer, int expert, String target) {}

    Optional<Place> find(SourceTensor tensor) {
        Matcher name = pattern.matcher(tensor.name());
        if (!name.matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(targets.get(name.group(3)))
                .map(target -> new Place(Integer.parseInt(name.group(1)), Integer.parseInt(name.group(2)), target));
    }

    /** Adds the tensor of an expert to its stack; false if it is something else. */
    boolean add(SourceTensor tensor, Conversion conversion) {
        Optional<Place> place = find(tensor);
        place.ifPresent(each -> {
            boolean down = each.target().equals("ffn_down_exps");
            conversion.check(
                    tensor.requireReal(),
                    down ? List.of(Dim.HIDDEN, Dim.EXPERT_WIDTH) : List.of(Dim.EXPERT_WIDTH, Dim.HIDDEN));
            long experts = conversion.dimensions().size(Dim.EXPERTS);
            conversion.experts().add(each.layer(), each.target(), each.expert(), tensor, order, experts);
        });
        return place.isPresent();
    }
}
