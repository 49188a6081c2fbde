package io.lethean.lem.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingDataTest {

    private static final String CHAT = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"},"
            + " {\"role\": \"assistant\", \"content\": \"Hello\"}]}";

    @TempDir
    Path folder;

    private Path write(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    @Test
    void allThreeFormatsAreRead() throws IOException {
        Path file =
                write("train.jsonl", CHAT, "{\"prompt\": \"2+2?\", \"completion\": \"4\"}", "", "{\"text\": \"Once\"}");
        List<TrainingExample> examples = TrainingData.readFile(file);
        assertThat(examples)
                .containsExactly(
                        new TrainingExample.Conversation(
                                file, 1, List.of(Message.user("Hi"), Message.assistant("Hello"))),
                        new TrainingExample.Conversation(
                                file, 2, List.of(Message.user("2+2?"), Message.assistant("4"))),
                        new TrainingExample.PlainText(file, 4, "Once"));
    }

    @Test
    void folderNeedsOnlyTheTrainingFile() throws IOException {
        write("train.jsonl", CHAT);
        TrainingData data = TrainingData.read(folder);
        assertThat(data.train()).hasSize(1);
        assertThat(data.valid()).isEmpty();
        write("valid.jsonl", CHAT, CHAT);
        write("test.jsonl", CHAT);
        assertThat(TrainingData.read(folder).valid()).hasSize(2);
        assertThat(TrainingData.read(folder).test()).hasSize(1);
    }

    @Test
    void missingTrainingFileIsNamed() {
        assertThatThrownBy(() -> TrainingData.read(folder))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("train.jsonl");
    }

    @Test
    void fileWithoutExamplesIsRefused() throws IOException {
        Path file = write("train.jsonl", "", "  ");
        assertThatThrownBy(() -> TrainingData.read(folder))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("no examples");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            not JSON          | {"messages": [            | not JSON
            no object         | [1]                       | not an object
            nothing           | {}                        | found nothing
            other keys        | {"q": "a", "b": 1}        | found b, q
            prompt only       | {"prompt": "a"}           | found prompt
            no turns          | {"messages": []}          | list of turns
            turns no list     | {"messages": "hello"}     | list of turns
            turn no object    | {"messages": ["hello"]}   | turn 1 is not an object
            no role           | {"messages": [{"content": "a"}]}                        | turn 1 has no role
            number as content | {"messages": [{"role": "user", "content": 1}]}          | turn 1 (user)
            null as content   | {"messages": [{"role": "assistant", "content": null}]}  | turn 1 (assistant)
            no assistant      | {"messages": [{"role": "user", "content": "a"}]}        | no turn is the assistant's
            silent assistant  | {"messages": [{"role": "assistant", "content": " "}]}   | turns are empty
            tools             | {"messages": [], "tools": [{}]}                         | tools are not supported
            empty completion  | {"prompt": "a", "completion": ""}                       | completion is empty
            prompt no text    | {"prompt": ["a"], "completion": "b"}                    | prompt is not text
            empty text        | {"text": " "}                                           | text is empty
            """)
    void lineThatIsNoExampleIsNamedInOneSentence(String what, String line, String message) throws IOException {
        Path file = write("train.jsonl", CHAT, line);
        assertThatThrownBy(() -> TrainingData.read(folder))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith(file + ":2: ")
                .hasMessageContaining(message);
    }

    @Test
    void publishedLessonsAreRead() throws IOException {
        List<TrainingExample> examples = TrainingData.readFile(Fixtures.require("lem/training/valid.jsonl"));
        assertThat(examples)
                .hasSize(229)
                .allSatisfy(example -> assertThat(example)
                        .isInstanceOfSatisfying(
                                TrainingExample.Conversation.class,
                                conversation -> assertThat(conversation.messages())
                                        .extracting(Message::role)
                                        .containsExactly("user", "assistant")));
    }
}
