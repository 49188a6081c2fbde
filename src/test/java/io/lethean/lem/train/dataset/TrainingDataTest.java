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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
            tools of a prompt | {"prompt": "a", "completion": "b", "tools": [{}]}       | tools are not supported
            half a weight     | {"messages": [{"role": "assistant", "content": "a", "weight": 0.5}]}   | turn 1 (assistant) has the weight 0.5; a weight is 0
            weight as text    | {"messages": [{"role": "assistant", "content": "a", "weight": "0"}]}   | has the weight "0"; a weight is 0
            weight as boolean | {"messages": [{"role": "assistant", "content": "a", "weight": true}]}  | has the weight true; a weight is 0
            negative weight   | {"messages": [{"role": "user", "content": "a", "weight": -1}]}         | turn 1 (user) has the weight -1; a weight is 0
            only weight 0     | {"messages": [{"role": "assistant", "content": "a", "weight": 0}]}     | turns have weight 0 or are empty
            part of an image  | {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]} | turn 1 (user) has a part of the type image_url as part 2
            part without type | {"messages": [{"role": "user", "content": [{"text": "a"}]}]}           | content of which part 1 is not an object with type "text"
            part as text      | {"messages": [{"role": "user", "content": ["a"]}]}                     | content of which part 1 is not an object
            part without text | {"messages": [{"role": "user", "content": [{"type": "text"}]}]}        | content of which part 1 is not an object
            no parts          | {"messages": [{"role": "user", "content": []}]}                        | turn 1 (user) has no text as its content
            """)
    void lineThatIsNoExampleIsNamedInOneSentence(String what, String line, String message) throws IOException {
        Path file = write("train.jsonl", CHAT, line);
        assertThatThrownBy(() -> TrainingData.read(folder))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith(file + ":2: ")
                .hasMessageContaining(message);
    }

    private List<TrainingExample> read(String... lines) throws IOException {
        return TrainingData.readFile(write("train.jsonl", lines));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "\"\"", "{}"})
    void emptyTools_areNoTools(String tools) throws IOException {
        String line = CHAT.substring(0, CHAT.length() - 1) + ", \"tools\": " + tools + "}";
        assertThat(read(line)).isEqualTo(read(CHAT));
    }

    @Test
    void contentAsTextParts_isJoined() throws IOException {
        String line = CHAT.replace(
                "\"Hi\"", "[{\"type\": \"text\", \"text\": \"H\"}, {\"type\": \"text\", \"text\": \"i\"}]");
        assertThat(line).isNotEqualTo(CHAT);
        assertThat(read(line)).isEqualTo(read(CHAT));
        assertThat(read("{\"prompt\": [{\"type\": \"text\", \"text\": \"a\"}], \"completion\": \"b\"}"))
                .isEqualTo(read("{\"prompt\": \"a\", \"completion\": \"b\"}"));
    }

    @Test
    void weightOfAnAssistantTurn_decidesWhetherItIsLearned() throws IOException {
        String line = "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"weight\": 0},"
                + " {\"role\": \"user\", \"content\": \"b\", \"weight\": 0},"
                + " {\"role\": \"assistant\", \"content\": \"c\", \"weight\": 1},"
                + " {\"role\": \"assistant\", \"content\": \"d\", \"weight\": 0.0},"
                + " {\"role\": \"assistant\", \"content\": \"e\", \"weight\": null}]}";
        assertThat(read(line))
                .singleElement()
                .isInstanceOfSatisfying(
                        TrainingExample.Conversation.class,
                        conversation -> assertThat(conversation.unlearned()).containsExactlyInAnyOrder(0, 3));
        assertThat(read(CHAT))
                .singleElement()
                .isInstanceOfSatisfying(
                        TrainingExample.Conversation.class,
                        conversation -> assertThat(conversation.unlearned()).isEmpty());
    }

    @Test
    void ignoredMembers_areNamedOncePerFile() throws IOException {
        String odd =
                "{\"id\": 7, \"source\": null, \"tools\": [], \"messages\": [{\"role\": \"user\", \"content\": \"a\","
                        + " \"name\": \"Ann\", \"weight\": 0}, {\"role\": \"assistant\", \"content\": \"b\", \"weight\": 1,"
                        + " \"tool_calls\": [], \"reasoning_content\": \"hm\"}]}";
        Path file = write("train.jsonl", CHAT, odd, odd);
        List<String> warnings = warnings(() -> TrainingData.readFile(file));
        assertThat(warnings)
                .containsExactly(
                        file + " has members that training does not use: id (first in line 2), user turns: name"
                                + " (first in line 2), user turns: weight (first in line 2), assistant turns: reasoning_content"
                                + " (first in line 2).");
        assertThat(warnings(() -> read(CHAT, "{\"prompt\": \"a\", \"completion\": \"b\"}", "{\"text\": \"c\"}")))
                .isEmpty();
        assertThat(warnings(() -> read("{\"text\": \"c\", \"meta\": {\"a\": 1}}")))
                .singleElement()
                .asString()
                .contains("meta (first in line 1)");
    }

    private static List<String> warnings(Callable<?> reading) throws IOException {
        List<String> warnings = new ArrayList<>();
        Logger logger = Logger.getLogger(TrainingData.class.getName());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord message) {
                warnings.add(message.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            reading.call();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            logger.removeHandler(handler);
        }
        return warnings;
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
