package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a model card lists: the models and data sets that a model was made from, tags and languages. */
final class CardSources {

    private static final Pattern HUB = Pattern.compile("https?://huggingface.co/([^/]+/[^/]+)");

    /** The parts of a source in the order in which they are written. */
    private static final List<String> PARTS =
            List.of("name", "author", "version", "organization", "description", "url", "doi", "uuid", "repo_url");

    private final Map<String, @Nullable Object> card;
    private final long parameters;

    CardSources(Map<String, @Nullable Object> card, long parameters) {
        this.card = card;
        this.parameters = parameters;
    }

    void write(GgufWriter out) {
        writeSources(out, "base_model", "base_model", "base_models", "base_model_sources");
        writeSources(out, "dataset", "datasets", "dataset", "dataset_sources");
        writeList(out, "tags", "tags", "pipeline_tag");
        writeList(out, "languages", "languages", "language");
    }

    private void writeSources(GgufWriter out, String target, String... keys) {
        List<Object> entries = null;
        for (String key : keys) {
            if (card.containsKey(key)) {
                entries = items(card.get(key));
                break;
            }
        }
        if (entries == null) {
            return;
        }
        String prefix = "general." + target + ".";
        out.put(prefix + "count", GgufValue.uint32(entries.size()));
        for (int i = 0; i < entries.size(); i++) {
            Map<String, String> source = source(entries.get(i));
            for (String part : PARTS) {
                String value = source.get(part);
                if (value != null) {
                    out.put(prefix + i + "." + part, value);
                }
            }
        }
    }

    private Map<String, String> source(Object entry) {
        Map<String, String> source = new LinkedHashMap<>();
        if (entry instanceof Map<?, ?> given) {
            given.forEach((key, value) -> {
                if (value != null) {
                    source.put(String.valueOf(key), text(value));
                }
            });
            return source;
        }
        String id = String.valueOf(entry);
        if (!id.startsWith("http://") && !id.startsWith("https://") && !id.startsWith("ssh://")) {
            ModelName name = ModelName.of(id, parameters);
            describe(source, name);
            if (name.organization() != null) {
                source.put("repo_url", "https://huggingface.co/" + name.organization() + "/" + name.name());
            }
            return source;
        }
        source.put("repo_url", id);
        Matcher hub = HUB.matcher(id);
        if (hub.matches()) {
            describe(source, ModelName.of(hub.group(1), parameters));
        }
        return source;
    }

    private static void describe(Map<String, String> source, ModelName name) {
        source.put("name", ModelName.title(name.name()));
        if (name.organization() != null) {
            source.put("organization", ModelName.title(name.organization()));
        }
        if (name.version() != null) {
            source.put("version", name.version());
        }
    }

    private void writeList(GgufWriter out, String target, String... keys) {
        List<String> texts = new ArrayList<>();
        for (String key : keys) {
            items(card.get(key)).forEach(item -> texts.add(text(item)));
        }
        if (!texts.isEmpty()) {
            out.put("general." + target, GgufArray.ofStrings(texts));
        }
    }

    private static List<Object> items(@Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case List<?> list -> new ArrayList<>(list);
            case String text -> List.of(text);
            default -> List.of();
        };
    }

    /** A value as text; several licences are joined with commas. */
    static String text(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(value);
    }
}
