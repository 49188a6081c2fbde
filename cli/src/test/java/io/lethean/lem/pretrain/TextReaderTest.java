package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Message;
import io.lethean.lem.pretrain.Document.Part;
import io.lethean.lem.pretrain.Document.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextReaderTest {

    @TempDir
    Path folder;

    private List<Document> read(String name, String content) throws IOException {
        return new TextReader(40).read(List.of(Files.writeString(folder.resolve(name), content)));
    }

    @Test
    void piecesArePartedByStars_andParagraphsPutTogetherAsFarAsTheyFit() throws IOException {
        List<Document> documents = read("a.txt", """
                The first piece is short.

                ***

                Twenty bytes a line.

                Twenty bytes a line.

                A third paragraph.
                """);

        assertThat(documents)
                .containsExactly(
                        new Document(List.of(Sample.ofText("The first piece is short."))),
                        new Document(List.of(
                                Sample.ofText("Twenty bytes a line.\n\nTwenty bytes a line."),
                                Sample.ofText("A third paragraph."))));
    }

    @Test
    void answerWithWeightZero_keepsItsWeight_andGivesNoProse() throws IOException {
        List<Document> documents = read(
                "w.jsonl",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\":"
                        + " \"no\\n\\nmore\", \"weight\": 0}, {\"role\": \"assistant\", \"content\": \"yes\\n\\nprose\"}]}");

        assertThat(documents.getFirst().samples())
                .extracting(Sample::toJson)
                .containsExactly(
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"no\\n\\nmore\","
                                + "\"weight\":0},{\"role\":\"assistant\",\"content\":\"yes\"}]}",
                        "{\"text\":\"prose\"}");
    }

    @Test
    void aQuestionWithItsAnswerIsAConversation_thatEndsWithTheFirstParagraph() throws IOException {
        List<Document> documents =
                read("q.txt", "Question: Why?\nAnswer: Because.\n\nQuestion: So?\n\nAnswer: Yes.\n\nIt is.\n");

        assertThat(documents)
                .containsExactly(new Document(List.of(
                        new Sample(List.of(Message.user("Why?"), Message.assistant("Because.")), false),
                        new Sample(List.of(Message.user("So?"), Message.assistant("Yes.")), false),
                        Sample.ofText("It is."))));
        assertThat(documents.getFirst().samples().getFirst().toJson())
                .startsWith("{\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"},");
    }

    @Test
    void everyTurnOfALongConversationIsCut_andTheRestReadAsProse() throws IOException {
        List<Document> documents = read("talk.jsonl", """
                {"messages": [{"role": "user", "content": "One.\\n\\nTwo."}, \
                {"role": "assistant", "content": "A.\\n\\nB."}]}
                """);

        assertThat(documents)
                .containsExactly(new Document(List.of(
                        new Sample(List.of(Message.user("One.\n\nTwo."), Message.assistant("A.")), false),
                        Sample.ofText("B."))));
    }

    @Test
    void aQuestionWithoutAnswerIsText() throws IOException {
        assertThat(read("q.txt", "Question: Why?")
                        .getFirst()
                        .samples()
                        .getFirst()
                        .toJson())
                .isEqualTo("{\"text\":\"Question: Why?\"}");
    }

    @Test
    void foldersAreReadByName_andOtherFilesLeftOut() throws IOException {
        Files.writeString(folder.resolve("b.txt"), "second");
        Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"first\"}\n");
        Files.writeString(folder.resolve("README.md"), "not text");

        assertThat(Document.contents(new TextReader(40).read(List.of(folder)))).containsExactly("first", "second");
    }

    @Test
    void aDocumentsPartFollowsFromItsContentAndTheSeedAlone() {
        List<Document> documents = IntStream.range(0, 2000)
                .mapToObj(i -> new Document(List.of(Sample.ofText("document " + i))))
                .toList();
        Map<Part, Long> counts = documents.stream()
                .map(document -> document.part(3))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

        assertThat(counts.get(Part.TEST)).isBetween(100L, 180L);
        assertThat(counts.get(Part.VALID)).isBetween(65L, 135L);
        assertThat(documents).anyMatch(document -> document.part(3) != document.part(4));
    }
}
