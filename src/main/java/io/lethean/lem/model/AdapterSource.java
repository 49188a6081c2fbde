package io.lethean.lem.model;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.LocatedAdapter;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.gguf.GgufCheck;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An adapter as a GGUF file that was checked against the model, so that llama.cpp can read it without harm.
 *
 * <p>What comes as PEFT or mlx-lm is converted into a temporary file, which closing deletes.
 *
 * @param use what the caller asked for
 * @param file the file for llama.cpp
 * @param temporary the folder of that file, where it was made here
 * @param notes what a user should know of how it was read, a sentence each
 */
record AdapterSource(AdapterUse use, GgufFile file, Optional<TemporaryFolder> temporary, List<String> notes)
        implements AutoCloseable {

    /** Says which process made it, should that be killed before it is deleted. */
    static final String TEMPORARY = "lem-adapter-" + ProcessHandle.current().pid() + "-";

    private static final String INVOCATION_TOKENS = "adapter.alora.invocation_tokens";

    /**
     * Finds, converts and checks an adapter.
     *
     * @throws InvalidModelException if it is malformed, cannot be expressed in GGUF, or was made for another model
     * @throws IOException if it cannot be read, or the temporary file not be written
     */
    static AdapterSource of(AdapterUse use, GgufFile base) throws IOException {
        LocatedAdapter located = AdapterFiles.locate(use.path());
        if (located.format() == AdapterFormat.GGUF) {
            GgufFile file = GgufFile.read(located.weights());
            located.requireApplicable(file);
            return new AdapterSource(use, file, Optional.empty(), List.of()).checked(base);
        }
        Adapter adapter = located.readApplicable(ModelOutline.of(base));
        TemporaryFolder folder = TemporaryFolder.create(TEMPORARY);
        try {
            Path converted = folder.path().resolve(AdapterFiles.GGUF_NAME);
            // Of 16-bit factors llama.cpp would round the activations too, and answer unlike the merged model.
            folder.write(ignored -> AdapterFiles.writeGguf(adapter.widened(), converted));
            return new AdapterSource(use, GgufFile.read(converted), Optional.of(folder), adapter.notes()).checked(base);
        } catch (IOException | RuntimeException | Error failed) {
            folder.close();
            throw failed;
        }
    }

    private AdapterSource checked(GgufFile base) {
        GgufCheck.requireAdapter(file, base);
        if (file.metadata()
                .array(INVOCATION_TOKENS)
                .filter(tokens -> tokens.size() > 0)
                .isPresent()) {
            throw new InvalidModelException(
                    "adapter-activated",
                    "The adapter " + use.path()
                            + " is an activated LoRA, which is meant to work only after certain tokens ("
                            + INVOCATION_TOKENS
                            + "); applied to everything it would answer wrongly, so it is refused.");
        }
        return this;
    }

    @Override
    public void close() {
        temporary.ifPresent(TemporaryFolder::close);
    }
}
