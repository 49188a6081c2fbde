package io.lethean.lem.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The metadata that IDEs read describe every property, and {@code docs/spring-properties.md} has them as a table. To write it again, run the
 * test with {@code LEM_WRITE_DOCS=1} in the environment.
 */
class PropertiesPageTest {

    private static final Path PAGE = Path.of("docs/spring-properties.md");
    private static final Path METADATA = Path.of("spring/target/classes/META-INF/spring-configuration-metadata.json");
    private static final String BEGIN = "<!-- properties -->\n";
    private static final String END = "<!-- end of properties -->\n";

    private static List<JsonNode> properties() throws IOException {
        List<JsonNode> found = new ArrayList<>();
        JsonMapper.shared()
                .readTree(Files.readString(METADATA))
                .get("properties")
                .forEach(found::add);
        return found;
    }

    @Test
    void metadata_describeEveryProperty() throws IOException {
        assertThat(properties()).hasSizeGreaterThan(55).allSatisfy(property -> {
            assertThat(property.get("description")).as(property.toString()).isNotNull();
            assertThat(property.get("type")).as(property.toString()).isNotNull();
        });
        assertThat(properties())
                .extracting(property -> property.get("name").asString())
                .contains(
                        "lem.chat.model",
                        "lem.chat.load.context-tokens",
                        "lem.embedding.load.parallel",
                        "lem.chat.options.seed")
                .allMatch(name -> name.startsWith("lem.") || name.equals("management.health.lem.enabled"));
    }

    @Test
    void page_hasThePropertiesOfToday() throws IOException {
        StringBuilder table = new StringBuilder(BEGIN + "| property | type | meaning |\n|---|---|---|\n");
        for (JsonNode property : properties()) {
            String name = property.get("name").asString();
            if (!name.startsWith("lem.embedding.load.")) {
                table.append("| `")
                        .append(name)
                        .append("` | ")
                        .append(type(property))
                        .append(" | ");
                table.append(property.get("description").asString())
                        .append(standard(property))
                        .append(" |\n");
            }
        }
        table.append(END);
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END) + END.length();
        assertThat(begin).isPositive();
        if ("1".equals(System.getenv("LEM_WRITE_DOCS"))) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        }

        assertThat(Files.readString(PAGE))
                .as("stale; run this test with LEM_WRITE_DOCS=1")
                .contains(table);
    }

    private static String type(JsonNode property) {
        String type = property.get("type").asString();
        String shown = type.replaceAll("[a-z0-9.]+\\.", "").replace('$', '.').replace("LemChatProperties.", "");
        return shown.replace("<", " of ").replace(">", "").replace(",", " to ");
    }

    private static String standard(JsonNode property) {
        JsonNode standard = property.get("defaultValue");
        return standard == null ? "" : " Default `" + standard.asString() + "`.";
    }
}
