package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Checkpoint;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.QuantizedFolders;
import io.lethean.lem.internal.io.OutputLock;
import io.lethean.lem.quantize.OutputTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes the model in a folder of Hugging Face or mlx-lm as a GGUF file.
 *
 * <pre>{@code
 * Path folder = Hub.fromEnvironment().fetchModelFolder(HubName.parse("hf:org/name"));
 * ConvertReport report = Convert.run(ConvertOptions.of(folder, Path.of("model.gguf")).withType("q4_K_M"));
 * }</pre>
 *
 * <p>One tensor at a time is in memory, and of that a few blocks of rows. The file appears whole or not at all and is
 * never one of the folder's. A process that is killed leaves a temporary file, which the next conversion to the same name
 * removes. A type that takes a second pass, such as {@code q4_K_M}, needs room for the unquantized file until it is done.
 */
public final class Convert {

    private Convert() {}

    /**
     * Converts.
     *
     * @param options what is converted, and how
     * @return what was written
     * @throws io.lethean.lem.InvalidModelException if the folder cannot be converted, naming the file or tensor
     * @throws io.lethean.lem.OutputInUseException if another conversion writes the same output now
     * @throws IllegalArgumentException if the output is one of the folder's files
     * @throws IOException if a file cannot be read or written; an older output is then as it was
     */
    public static ConvertReport run(ConvertOptions options) throws IOException {
        ModelFolder folder = ModelFolder.open(options.model());
        requireNoInput(options);
        QuantizedFolders.refuse(folder);
        Family family = Families.of(folder);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            ConversionRun run = new ConversionRun(options, folder, family, checkpoint);
            WantedType wanted = WantedType.parse(options.type());
            Optional<OutputTypes> quantized = wanted.quantized();
            if (quantized.isPresent()) {
                run.plan(Optional.of(run.lossless()));
                try (OutputLock _ = lock(options.output())) {
                    return new SecondPass(options, quantized.get()).run(run);
                }
            }
            run.plan(wanted.direct());
            try (OutputLock _ = lock(options.output())) {
                return run.write(options.output(), options.progress());
            }
        }
    }

    /** The lock of the output, with what a killed conversion left removed. */
    private static OutputLock lock(Path output) throws IOException {
        Path folder = output.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        OutputLock lock = OutputLock.acquire(output);
        try {
            PartFiles.removeLeft(output);
            return lock;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static void requireNoInput(ConvertOptions options) throws IOException {
        Path output = options.output();
        if (Files.isDirectory(output)) {
            throw new IllegalArgumentException("The output " + output
                    + " is a folder; name the GGUF file to write, such as " + output.resolve("model.gguf") + ".");
        }
        if (!Files.exists(output)) {
            return;
        }
        try (Stream<Path> files = Files.list(options.model())) {
            for (Path file : files.toList()) {
                if (Files.isSameFile(file, output) && !file.toString().endsWith(".gguf")) {
                    throw new IllegalArgumentException("The output " + output + " is the same file as the input " + file
                            + "; choose another output.");
                }
            }
        }
    }
}
