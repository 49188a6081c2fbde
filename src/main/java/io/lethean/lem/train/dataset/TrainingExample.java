package io.lethean.lem.train.dataset;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One line of a training file: a conversation, or text without turns. */
public sealed interface TrainingExample {

    /** {@return the file it was read from} */
    Path file();

    /** {@return the line in that file, from 1} */
    int line();

    /**
     * A conversation in which the assistant speaks at least once.
     *
     * @param file the file it was read from
     * @param line the line in that file, from 1
     * @param messages its turns in order
     * @param unlearned the assistant's turns that are in the context and not learned, counted from 0
     */
    record Conversation(Path file, int line, List<Message> messages, Set<Integer> unlearned)
            implements TrainingExample {
        /** Copies the lists and sets, so that later changes of them do not count. */
        public Conversation {
            messages = List.copyOf(messages);
            unlearned = Set.copyOf(unlearned);
        }

        /**
         * A conversation of which every assistant turn is learned.
         *
         * @param file the file it was read from
         * @param line the line in that file, from 1
         * @param messages its turns in order
         */
        public Conversation(Path file, int line, List<Message> messages) {
            this(file, line, messages, Set.of());
        }
    }

    /**
     * Text to be continued word by word.
     *
     * @param file the file it was read from
     * @param line the line in that file, from 1
     * @param text the text, not empty
     */
    record PlainText(Path file, int line, String text) implements TrainingExample {}

    /**
     * Reads an example in one of mlx-lm's formats: {@code chat} (messages), {@code completions} (prompt and completion,
     * read as a conversation of two turns) or {@code text}. A content may be a list of text parts, which are joined. An
     * assistant turn with {@code "weight": 0} is not learned. Members beyond these are ignored; {@link
     * TrainingData#readFile} warns about them.
     *
     * @param file the file that the object comes from, for messages
     * @param line the line of the file, counted from 1
     * @param object the JSON object
     * @return the example
     * @throws MalformedDataException if the object lacks what its format needs; the message names the place
     */
    static TrainingExample of(Path file, int line, Map<?, ?> object) throws MalformedDataException {
        return new ExampleReader(file, line, new IgnoredMembers()).read(object);
    }
}
