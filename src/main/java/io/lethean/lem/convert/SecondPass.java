package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.quantize.ConvertProgress;
import io.lethean.lem.quantize.OutputTypes;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import io.lethean.lem.quantize.QuantizeReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A conversion to a type that takes two passes: the weights as they are into a temporary file, and that quantized. */
final class SecondPass {

    private final ConvertOptions options;
    private final OutputTypes types;

    SecondPass(ConvertOptions options, OutputTypes types) {
        this.options = options;
        this.types = types;
    }

    ConvertReport run(ConversionRun conversion) throws IOException {
        Path between = PartFiles.next(options.output());
        try {
            ConvertReport first = conversion.write(between, ConvertProgress.NONE);
            QuantizeReport second = Quantize.run(
                    new QuantizeOptions(between, options.output(), types, options.threads(), options.progress()));
            return joined(first, second);
        } catch (IOException failed) {
            throw failed.getCause() instanceof IOException cause && AtomicFile.isFull(cause)
                    ? AtomicFile.full(options.output(), cause)
                    : failed;
        } finally {
            Files.deleteIfExists(between);
        }
    }

    private ConvertReport joined(ConvertReport first, QuantizeReport second) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        GgufFile.readModel(options.output())
                .tensors()
                .forEach(tensor -> counts.merge(tensor.type().ggmlName(), 1, Integer::sum));
        List<String> notes = new ArrayList<>(first.notes());
        int other = second.fallbacks().size();
        if (other > 0) {
            notes.add(
                    other + " tensors have rows that are not whole blocks of the type, and are written in the type that"
                            + " llama.cpp takes then.");
        }
        notes.addAll(second.warnings());
        return new ConvertReport(
                first.architecture(), options.type(), counts, first.parameters(), second.bytes(), notes);
    }
}
