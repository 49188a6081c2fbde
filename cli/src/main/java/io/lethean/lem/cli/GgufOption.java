package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The GGUF model that a command reads. */
final class GgufOption {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description =
                    "GGUF file, of a split model the first part, or a name on the hub such as hf:org/name:Q4_K_M. "
                            + ModelLocator.DEFAULT)
    private @Nullable Path model;

    LocatedModel locate(Console console) throws IOException {
        return ModelLocator.ofProcess(HubNames.of(console)).locate(model);
    }
}
