package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A YAML file read as JSON: one document of plain values. Aliases and tags are refused, and so are files and nestings
 * larger than a configuration has.
 */
final class YamlFile {

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 32;

    private final Path file;
    private final LoadSettings settings;

    private YamlFile(Path file) {
        this.file = file;
        this.settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false)
                .setAllowNonScalarKeys(false)
                .setMaxAliasesForCollections(0)
                .setCodePointLimit(MAX_BYTES)
                .setSchema(new CoreSchema())
                .build();
    }

    /** Whether a file's name says that it is YAML. */
    static boolean isNamedSo(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }

    /**
     * Reads a file.
     *
     * @throws IOException a sentence with the place, if it is not YAML of plain values
     */
    static JsonNode read(Path file) throws IOException {
        return new YamlFile(file).tree();
    }

    private JsonNode tree() throws IOException {
        if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES) {
            throw refusal("it is larger than 1 MiB, which no configuration needs", Optional.empty());
        }
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw refusal("it is not UTF-8 text", Optional.empty());
        }
        try {
            new ParserImpl(settings, new StreamReader(settings, text)).forEachRemaining(new Check()::accept);
            return JsonMapper.shared().valueToTree(plain(new Load(settings).loadFromString(text)));
        } catch (MarkedYamlEngineException e) {
            String problem = Optional.ofNullable(e.getProblem()).orElse("it cannot be read");
            throw refusal(problem.lines().findFirst().orElse(problem), e.getProblemMark());
        } catch (YamlEngineException e) {
            throw refusal(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("it cannot be read"), Optional.empty());
        } catch (Refused e) {
            throw refusal(String.valueOf(e.getMessage()), e.mark);
        }
    }

    private IOException refusal(String problem, Optional<Mark> mark) {
        String place = mark.map(at -> " (line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1) + ")")
                .orElse("");
        String reason = problem.endsWith(".") ? problem.substring(0, problem.length() - 1) : problem;
        return new IOException(file + " cannot be read as YAML: " + reason + place + ".");
    }

    /** Keys are texts: a number as a key would be another key in JSON. */
    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> members = new LinkedHashMap<>();
                map.forEach((key, member) -> {
                    if (!(key instanceof String name)) {
                        throw new Refused("the key " + key + " is not a text", Optional.empty());
                    }
                    members.put(name, plain(member));
                });
                yield members;
            }
            case List<?> list -> {
                List<@Nullable Object> elements = new ArrayList<>();
                list.forEach(element -> elements.add(plain(element)));
                yield elements;
            }
            case null, default -> value;
        };
    }

    /** What a configuration does not need, and what could take endless time or make objects. */
    private static final class Check {
        private int depth;
        private int documents;

        void accept(Event event) {
            switch (event) {
                case AliasEvent alias ->
                    throw new Refused(
                            "the alias *" + alias.getAlias().getValue() + " is not supported; write the value again",
                            event.getStartMark());
                case ScalarEvent scalar -> requireNoTag(scalar.getTag(), scalar);
                case CollectionStartEvent start -> {
                    requireNoTag(start.getTag(), start);
                    if (++depth > MAX_DEPTH) {
                        throw new Refused("it is nested more than " + MAX_DEPTH + " levels deep", event.getStartMark());
                    }
                }
                case CollectionEndEvent end -> depth--;
                case DocumentStartEvent start -> {
                    if (++documents > 1) {
                        throw new Refused("it contains several documents", event.getStartMark());
                    }
                }
                default -> {
                    // The start and the end of the stream and of the document.
                }
            }
        }

        private static void requireNoTag(Optional<String> tag, Event event) {
            if (tag.isPresent()) {
                throw new Refused(
                        "the tag " + tag.get() + " is not supported; only plain values are", event.getStartMark());
            }
        }
    }

    /** Leaves the parser's loop; becomes a sentence. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Optional<Mark> mark;

        Refused(String message, Optional<Mark> mark) {
            super(message);
            this.mark = mark;
        }
    }
}
