package io.lethean.lem.model;

import java.util.Locale;

/** How many of a model's layers go to the GPU. */
public sealed interface GpuLayers {

    /** As many as fit the device's free memory; none where no GPU is present, which {@link ModelInfo} then says. */
    GpuLayers AUTO = new Auto();

    /** Every layer; an error where no GPU is present or its memory does not suffice. */
    GpuLayers ALL = new All();

    /** See {@link #AUTO}. */
    record Auto() implements GpuLayers {
        @Override
        public String toString() {
            return "auto";
        }
    }

    /** See {@link #ALL}. */
    record All() implements GpuLayers {
        @Override
        public String toString() {
            return "all";
        }
    }

    /**
     * The last {@code count} layers, as llama.cpp counts them: the output layer is one more than the model's blocks.
     *
     * @param count 0 keeps everything on the CPU; above 0 it is an error where no GPU is present
     */
    record Count(int count) implements GpuLayers {
        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public Count {
            if (count < 0) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "The number of GPU layers is %d and must be 0 or more, \"auto\" or \"all\".",
                        count));
            }
        }

        @Override
        public String toString() {
            return Integer.toString(count);
        }
    }

    /**
     * {@return a fixed number of layers}
     *
     * @param count 0 keeps everything on the CPU
     */
    static GpuLayers of(int count) {
        return new Count(count);
    }

    /**
     * Reads {@code auto}, {@code all} or a number, as the command line has them.
     *
     * @param text {@code auto}, {@code all} or a number
     * @return the number of layers
     */
    static GpuLayers parse(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "all" -> ALL;
            default -> of(parseCount(text));
        };
    }

    private static int parseCount(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT, "GPU layers were given as \"%s\"; expected auto, all or a number.", text),
                    notANumber);
        }
    }
}
