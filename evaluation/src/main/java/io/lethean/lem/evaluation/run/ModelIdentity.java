package io.lethean.lem.evaluation.run;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which model answers, as recorded with its answers.
 *
 * @param name as the user gave it, usually a path, with the names of its adapters; the summary's {@code model}
 * @param sha256 of the model file, of a split model that of its parts' sums; empty without a file, then the name identifies the model
 * @param engine the engine and its version, such as {@code llama.cpp v0.5.0}; recorded, but a run can resume with
 *     another one
 * @param adapters the applied adapters, in an order that does not depend on how they were given
 * @param parallel number of answers generated in parallel, 1 or more; a run resumes only with the same number, because
 *     the last digits of scores depend on it
 */
public record ModelIdentity(String name, String sha256, String engine, List<AdapterIdentity> adapters, int parallel) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ModelIdentity {
        if (parallel < 1) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "parallel is %d and must be 1 or more.", parallel));
        }
        adapters = adapters.stream()
                .sorted(Comparator.comparing(AdapterIdentity::sha256).thenComparingDouble(AdapterIdentity::weight))
                .toList();
    }

    /**
     * A model that generates one answer at a time.
     *
     * @param name the name in results
     * @param sha256 of the model's file
     * @param engine what computes, with its version, such as {@code llama.cpp v0.5.0}
     * @param adapters the active adapters
     */
    public ModelIdentity(String name, String sha256, String engine, List<AdapterIdentity> adapters) {
        this(name, sha256, engine, adapters, 1);
    }

    /**
     * A model without adapters that generates one answer at a time.
     *
     * @param name the name in results
     * @param sha256 of the model's file
     * @param engine what computes, with its version, such as {@code llama.cpp v0.5.0}
     */
    public ModelIdentity(String name, String sha256, String engine) {
        this(name, sha256, engine, List.of());
    }

    /**
     * {@return this model with another number of answers generated in parallel}
     *
     * @param answers answers that are generated in parallel
     */
    public ModelIdentity withParallel(int answers) {
        return new ModelIdentity(name, sha256, engine, adapters, answers);
    }

    /**
     * {@return the identity of a model file; reads the whole file}
     *
     * @param file the GGUF file
     * @param engine what computes, with its version, such as {@code llama.cpp v0.5.0}
     * @throws IOException if a file cannot be read
     */
    public static ModelIdentity of(Path file, String engine) throws IOException {
        return of(file, engine, List.of());
    }

    /**
     * {@return the identity of a model file with adapters; reads all files completely, of a split model all parts}
     *
     * @param file the GGUF file
     * @param engine what computes, with its version, such as {@code llama.cpp v0.5.0}
     * @param adapters the active adapters
     * @throws IOException if a file cannot be read
     */
    public static ModelIdentity of(Path file, String engine, List<AdapterUse> adapters) throws IOException {
        List<AdapterIdentity> identities = new ArrayList<>();
        for (AdapterUse adapter : adapters) {
            identities.add(AdapterIdentity.of(adapter));
        }
        String name = Stream.concat(
                        Stream.of(file.toString()), identities.stream().map(AdapterIdentity::described))
                .collect(Collectors.joining(" + "));
        return new ModelIdentity(name, Sha256.of(GgufFile.readModel(file).paths()), engine, identities);
    }
}
