package io.lethean.lem.bench;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.data.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which model answers, as recorded with its answers.
 *
 * @param name as the user gave it, a path as a rule, and its adapters'; the summary's {@code model}
 * @param sha256 of the model file; empty where there is none, and then the name tells models apart
 * @param engine what runs it and in which version, such as {@code llama.cpp v0.5.0}; recorded, but a run may be
 *     continued with another one
 * @param adapters that lie over it, kept in an order that does not depend on how they were given
 */
public record ModelIdentity(String name, String sha256, String engine, List<AdapterIdentity> adapters) {

    public ModelIdentity {
        adapters = adapters.stream()
                .sorted(Comparator.comparing(AdapterIdentity::sha256).thenComparing(AdapterIdentity::strength))
                .toList();
    }

    /** A model without adapters. */
    public ModelIdentity(String name, String sha256, String engine) {
        this(name, sha256, engine, List.of());
    }

    /** The identity of a model file, whose whole content is read. */
    public static ModelIdentity of(Path file, String engine) throws IOException {
        return of(file, engine, List.of());
    }

    /** The identity of a model file with adapters over it, whose whole content is read. */
    public static ModelIdentity of(Path file, String engine, List<AdapterUse> adapters) throws IOException {
        List<AdapterIdentity> identities = new ArrayList<>();
        for (AdapterUse adapter : adapters) {
            identities.add(AdapterIdentity.of(adapter));
        }
        String name = Stream.concat(Stream.of(file.toString()), identities.stream().map(AdapterIdentity::described))
                .collect(Collectors.joining(" + "));
        return new ModelIdentity(name, Sha256.of(file), engine, identities);
    }
}
