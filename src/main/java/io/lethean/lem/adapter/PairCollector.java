package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings the parts of each update together while the tensors of a file come by one at a time. */
final class PairCollector {

    /** An update with the number that its product is multiplied by. */
    record Scaled(LoraPair pair, double scale) {}

    private final Path file;
    private final Map<String, Halves> halves = new LinkedHashMap<>();

    PairCollector(Path file) {
        this.file = file;
    }

    private static final class Halves {
        /** Of the factors; a magnitude needs no scale, and may come first. */
        double scale = 1;

        /** Matrices of the tensor; 0 while no factor has said it. */
        int experts;

        @Nullable
        Factor a;

        @Nullable
        Factor b;

        @Nullable
        Factor magnitude;
    }

    /** Takes the factor A of a tensor: rank x inputs. */
    void a(String tensor, Factor factor, double scale) {
        Halves pair = halves.computeIfAbsent(tensor, name -> new Halves());
        if (pair.a != null) {
            throw twice(tensor, "A");
        }
        pair.a = factor;
        pair.scale = scale;
    }

    /** Takes the factor B of a tensor: outputs x rank. */
    void b(String tensor, Factor factor, double scale) {
        Halves pair = halves.computeIfAbsent(tensor, name -> new Halves());
        if (pair.b != null) {
            throw twice(tensor, "B");
        }
        pair.b = factor;
        pair.scale = scale;
    }

    /** Says of how many experts the factor that comes now is, 1 for a plain matrix. */
    void experts(String tensor, int count) {
        Halves pair = halves.computeIfAbsent(tensor, name -> new Halves());
        if (pair.experts != 0 && pair.experts != count) {
            throw new InvalidModelException(
                    "adapter-shape",
                    file + " updates " + tensor + " by one factor of " + pair.experts + " and another of " + count
                            + (count == 1 ? " matrix." : " matrices."));
        }
        pair.experts = count;
    }

    /** Takes the magnitude of a tensor: outputs x 1. */
    void magnitude(String tensor, Factor factor) {
        Halves pair = halves.computeIfAbsent(tensor, name -> new Halves());
        if (pair.magnitude != null) {
            throw new InvalidModelException("adapter-pair", file + " has the magnitude of " + tensor + " twice.");
        }
        pair.magnitude = factor;
    }

    /**
     * The updates, with a magnitude each (DoRA) or without one each.
     *
     * @throws InvalidModelException as {@link #pairs()}, and if a magnitude is missing, or there and not announced
     */
    List<Scaled> pairs(boolean dora) {
        List<Scaled> pairs = pairs();
        for (Scaled each : pairs) {
            if (each.pair().hasMagnitude() != dora) {
                throw new InvalidModelException(
                        "adapter-magnitude",
                        file
                                + (dora ? " has no magnitude of " : " has a magnitude of ")
                                + each.pair().tensor()
                                + (dora
                                        ? ", and its configuration says that it is DoRA; the file is incomplete."
                                        : ", and its configuration does not say that it is DoRA; weights and configuration"
                                                + " do not belong together."));
            }
        }
        return pairs;
    }

    /**
     * The updates.
     *
     * @throws InvalidModelException if a factor is missing, two do not fit, or the adapter is empty
     */
    List<Scaled> pairs() {
        if (halves.isEmpty()) {
            throw new InvalidModelException("adapter-empty", file + " holds no LoRA tensors.");
        }
        List<Scaled> pairs = new ArrayList<>();
        halves.forEach((tensor, both) -> pairs.add(new Scaled(pair(tensor, both), both.scale)));
        return pairs;
    }

    private LoraPair pair(String tensor, Halves both) {
        if (both.a == null || both.b == null) {
            throw new InvalidModelException(
                    "adapter-pair",
                    file + " has only the factor " + (both.a == null ? "B" : "A") + " of the update of " + tensor
                            + "; the file is incomplete.");
        }
        int experts = Math.max(1, both.experts);
        if (both.a.rows() != (long) experts * both.b.columns() || both.b.rows() % experts != 0) {
            throw new InvalidModelException(
                    "adapter-rank",
                    file + " updates " + tensor + " by factors of different rank: " + both.a.rows() + " for A and "
                            + both.b.columns() + " for B" + (experts == 1 ? "." : " with " + experts + " experts."));
        }
        if (experts > 1 && both.magnitude != null) {
            throw new InvalidModelException(
                    "adapter-magnitude",
                    file + " has a magnitude (DoRA) of the experts in " + tensor + ", which cannot be used.");
        }
        if (both.magnitude != null && both.magnitude.rows() != both.b.rows()) {
            throw new InvalidModelException(
                    "adapter-magnitude",
                    file + " has a magnitude of " + both.magnitude.rows() + " values for " + tensor
                            + ", and the factor B" + " has " + both.b.rows() + " rows.");
        }
        return new LoraPair(tensor, both.a, both.b, both.magnitude, experts);
    }

    private InvalidModelException twice(String tensor, String factor) {
        return new InvalidModelException(
                "adapter-pair", file + " has the factor " + factor + " of the update of " + tensor + " twice.");
    }
}
