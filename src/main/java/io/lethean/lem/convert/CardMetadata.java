package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who made a model and what it is called: values of the model card first, then parts of its name. */
final class CardMetadata {

    /** Keys of a card, the values they become, in the order of precedence. */
    private static final List<Map.Entry<String, String>> KEYS = List.of(
            Map.entry("name", "name"),
            Map.entry("author", "author"),
            Map.entry("version", "version"),
            Map.entry("organization", "organization"),
            Map.entry("description", "description"),
            Map.entry("finetune", "finetune"),
            Map.entry("basename", "basename"),
            Map.entry("size_label", "size_label"),
            Map.entry("url", "source.url"),
            Map.entry("doi", "source.doi"),
            Map.entry("uuid", "source.uuid"),
            Map.entry("repo_url", "source.repo_url"),
            Map.entry("model_name", "name"),
            Map.entry("model_author", "author"),
            Map.entry("model_version", "version"),
            Map.entry("model_organization", "organization"),
            Map.entry("model_description", "description"),
            Map.entry("model_finetune", "finetune"),
            Map.entry("model_basename", "basename"),
            Map.entry("model_size_label", "size_label"),
            Map.entry("model_url", "source.url"),
            Map.entry("model_doi", "source.doi"),
            Map.entry("model_uuid", "source.uuid"),
            Map.entry("model_repo_url", "source.repo_url"),
            Map.entry("model_creator", "author"),
            Map.entry("model_type", "basename"),
            Map.entry("license", "license"),
            Map.entry("license_name", "license.name"),
            Map.entry("license_link", "license.link"));

    /** The order in which values are written; sources and lists follow. */
    private static final List<String> ORDER = List.of(
            "name",
            "author",
            "version",
            "organization",
            "finetune",
            "basename",
            "description",
            "size_label",
            "license",
            "license.name",
            "license.link",
            "source.url",
            "source.doi",
            "source.uuid",
            "source.repo_url");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final CardSources sources;

    private CardMetadata(CardSources sources) {
        this.sources = sources;
    }

    /** Reads the card of a folder; a folder without one has no values yet. */
    static CardMetadata read(ModelFolder folder, long parameters) throws IOException {
        Map<String, @Nullable Object> card = ModelCard.read(folder.file("README.md"));
        CardMetadata metadata = new CardMetadata(new CardSources(card, parameters));
        for (Map.Entry<String, String> key : KEYS) {
            Object value = card.get(key.getKey());
            if (value != null) {
                metadata.put(key.getValue(), CardSources.text(value));
            }
        }
        return metadata;
    }

    private void put(String key, @Nullable String value) {
        if (value != null) {
            values.putIfAbsent(key, value);
        }
    }

    /** Takes from a name what is not known yet. */
    void complete(ModelName name) {
        put("name", name.name().isEmpty() ? null : ModelName.title(name.name()));
        put("organization", name.organization() == null ? null : ModelName.title(name.organization()));
        put("basename", name.basename());
        put("finetune", name.finetune());
        put("version", name.version());
        put("size_label", name.sizeLabel());
    }

    /**
     * Writes the values.
     *
     * @param name the name if nothing says one
     * @param size the size label if nothing says one
     */
    void write(GgufWriter out, String name, String size) {
        put("name", name);
        put("size_label", size);
        for (String key : ORDER) {
            String value = values.get(key);
            if (value != null) {
                out.put("general." + key, value);
            }
        }
        sources.write(out);
    }
}
