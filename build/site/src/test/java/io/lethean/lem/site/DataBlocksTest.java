package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import tools.jackson.databind.json.JsonMapper;

/** Data in the pages can be read: JSON, properties, and dependencies on artifacts that exist. */
class DataBlocksTest {

    private static final Set<String> ARTIFACTS = Set.of(
            "lem",
            "lem-evaluation",
            "lem-server",
            "lem-langchain4j",
            "lem-spring-boot-starter",
            "lem-junit",
            "lem-spark",
            "lem-cli");

    @TestFactory
    Stream<DynamicTest> blocks() {
        List<Block> blocks = Repository.read(Path.of("")).pages().stream()
                .flatMap(page -> Blocks.of(page, _ -> {}).stream())
                .filter(block -> Block.DATA.contains(block.language()))
                .toList();
        assertThat(blocks).hasSizeGreaterThan(5);
        return blocks.stream()
                .map(block -> DynamicTest.dynamicTest(block.place(), () -> {
                    switch (block.language()) {
                        case "json" ->
                            assertThat(JsonMapper.shared().readTree(block.text()))
                                    .isNotEmpty();
                        case "properties" -> checkProperties(block.text());
                        default -> checkXml(block.text());
                    }
                }));
    }

    private static void checkProperties(String text) throws Exception {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        assertThat(properties).isNotEmpty();
    }

    private static void checkXml(String text) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(("<all>" + text + "</all>").getBytes(StandardCharsets.UTF_8)));
        NodeList artifacts = document.getElementsByTagName("artifactId");
        for (int i = 0; i < artifacts.getLength(); i++) {
            assertThat(ARTIFACTS).contains(artifacts.item(i).getTextContent());
        }
        NodeList versions = document.getElementsByTagName("version");
        String pom = Files.readString(Path.of("build/pom.xml"));
        for (int i = 0; i < versions.getLength(); i++) {
            assertThat(pom).contains("<version>" + versions.item(i).getTextContent() + "</version>");
        }
    }
}
