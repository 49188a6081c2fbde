package io.lethean.lem.convert;

import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;

/**
 * What is the same for every model of a family.
 *
 * @param id the value of {@code general.architecture}
 * @param classes the classes in {@code config.json} that are of this kind
 * @param tokenizer which tokenizer files count
 * @param modules the names and shapes of the tensors
 */
record FamilyFacts(String id, List<String> classes, TokenizerFamily tokenizer, ModuleTable modules) {

    FamilyFacts {
        classes = List.copyOf(classes);
    }
}
