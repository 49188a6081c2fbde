package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The chat templates of a folder.
 *
 * <p>An entry in tokenizer_config.json wins, even one that is null. Else chat_template.jinja counts, with the files of
 * additional_chat_templates as named templates; else chat_template.json.
 */
final class ChatTemplates {

    private static final String DEFAULT = "default";
    private static final String JINJA = ".jinja";
    private static final String KEY = "tokenizer.chat_template";

    private final @Nullable String single;
    private final Map<String, String> named;

    private ChatTemplates(@Nullable String single, Map<String, String> named) {
        this.single = single;
        this.named = named;
    }

    static ChatTemplates read(TokenizerFolder folder, JsonNode config) throws IOException {
        if (config.has("chat_template")) {
            return of(config.path("chat_template"));
        }
        if (folder.has("chat_template.jinja")) {
            return ofFiles(folder);
        }
        return of(folder.json("chat_template.json").path("chat_template"));
    }

    private static ChatTemplates of(JsonNode value) {
        if (value.isString()) {
            return new ChatTemplates(value.stringValue(), Map.of());
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (JsonNode choice : value.isArray() ? value.values() : List.<JsonNode>of()) {
            JsonNode template = choice.path("template");
            if (template.isString()) {
                named.put(choice.path("name").asString(""), template.stringValue());
            }
        }
        return new ChatTemplates(null, named);
    }

    private static ChatTemplates ofFiles(TokenizerFolder folder) throws IOException {
        String main = folder.text("chat_template.jinja");
        List<String> files = folder.names("additional_chat_templates", JINJA);
        if (files.isEmpty()) {
            return new ChatTemplates(main, Map.of());
        }
        Map<String, String> named = new LinkedHashMap<>();
        named.put(DEFAULT, main);
        for (String file : files) {
            named.put(file.substring(file.indexOf('/') + 1, file.length() - JINJA.length()), folder.text(file));
        }
        return new ChatTemplates(null, named);
    }

    /** Named templates have a key each, and their names are listed; the default one has the key without a name. */
    void putInto(TokenizerValues target) {
        String main = single;
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, String> choice : named.entrySet()) {
            String name = plainName(choice.getKey());
            if (name.equals(DEFAULT)) {
                main = choice.getValue();
            } else if (!name.isEmpty()) {
                target.text(KEY + "." + name, choice.getValue());
                names.add(name);
            }
        }
        target.texts("tokenizer.chat_templates", names.stream().distinct().toList());
        if (main != null) {
            target.text(KEY, main);
        }
    }

    private static String plainName(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_");
    }
}
