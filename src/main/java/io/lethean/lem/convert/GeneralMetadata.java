package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The {@code general.*} values, taken from the model card, the configuration and the folder's name as gguf-py does. */
final class GeneralMetadata {

    private final ModelFolder folder;
    private final String id;
    private final List<PlannedTensor> tensors;

    /** @param id the model's name, such as the folder's or {@code org/name} */
    GeneralMetadata(ModelFolder folder, String id, List<PlannedTensor> tensors) {
        this.folder = folder;
        this.id = id;
        this.tensors = tensors;
    }

    void write(GgufWriter out) throws IOException {
        SamplingDefaults.write(out, folder);
        long parameters = SizeLabel.parameters(tensors);
        CardMetadata card = CardMetadata.read(folder, parameters);
        configName().ifPresent(name -> card.complete(ModelName.of(name, parameters)));
        card.complete(ModelName.of(id, parameters));
        card.write(out, id, SizeLabel.of(tensors));
    }

    /** The name in the configuration, unless it is a path of somebody's machine. */
    private Optional<String> configName() {
        @Nullable Object name = folder.raw().values().get("_name_or_path");
        return name instanceof String text
                        && text.chars().filter(each -> each == '/').count() <= 1
                ? Optional.of(text)
                : Optional.empty();
    }
}
