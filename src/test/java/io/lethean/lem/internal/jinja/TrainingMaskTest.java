package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.train.dataset.ChatRenderer;
import io.lethean.lem.train.dataset.SampleEncoder;
import io.lethean.lem.train.dataset.TextTokenizer;
import io.lethean.lem.train.dataset.TrainingExample;
import io.lethean.lem.train.dataset.TrainingSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The marks of training samples under every chat template of llama.cpp's source tree. */
class TrainingMaskTest {

    private static final TextTokenizer CHARACTERS = text -> text.chars().toArray();

    private static final SpecialTokens TOKENS =
            SpecialTokens.none().with("bos_token", "<s>").with("eos_token", "</s>");

    private static final List<Message> TWO_QUESTIONS = List.of(
            Message.user("Why is snow white?"),
            Message.assistant("It scatters light of all colours."),
            Message.user("And ice?"),
            Message.assistant("Ice lets most of it through."));

    private static final List<Message> WITH_SYSTEM = List.of(
            Message.system("Answer briefly."),
            Message.user("Why is snow white?"),
            Message.assistant("It scatters light of all colours."),
            Message.user("And ice?"),
            Message.assistant("Ice lets most of it through."));

    private static final List<Message> REASONING = List.of(
            Message.user("Why is snow white?"),
            Message.assistant("<think>\nSnow is grains.\n</think>\n\nIt scatters light of all colours."),
            Message.user("And ice?"),
            Message.assistant("<think>\nIce is clear.\n</think>\n\nIce lets most of it through."));

    @Test
    void exactlyWhatTheAssistantSaysIsTrainedUnderEveryTemplate() throws IOException {
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        for (Path file : JinjaOracle.templates()) {
            ChatTemplate template = ChatTemplate.of(Optional.of(Files.readString(file)), file.toString(), TOKENS);
            ChatRenderer renderer =
                    (messages, prompt) -> template.render(messages, prompt).text();
            for (List<Message> messages : List.of(TWO_QUESTIONS, WITH_SYSTEM, REASONING)) {
                if (isRefused(renderer, messages)) {
                    continue;
                }
                checked++;
                problem(renderer, messages)
                        .ifPresent(text -> wrong.add(file.getFileName() + ", " + messages.size() + " turns: " + text));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(checked).isGreaterThan(150);
    }

    private static boolean isRefused(ChatRenderer renderer, List<Message> messages) {
        try {
            renderer.render(messages, false);
            return false;
        } catch (ChatTemplateException e) {
            return true;
        }
    }

    private static Optional<String> problem(ChatRenderer renderer, List<Message> messages) throws IOException {
        String text = renderer.render(messages, false);
        var example = new TrainingExample.Conversation(Path.of("train.jsonl"), 1, messages);
        TrainingSample sample = new SampleEncoder(renderer, CHARACTERS, SampleEncoder.NO_TOKEN, true).encode(example);
        List<String> runs = runs(sample, text);
        for (Message message : messages) {
            boolean spoken = message.role().equals("assistant");
            String said =
                    message.content().substring(Math.max(0, message.content().lastIndexOf('\n')));
            long trained =
                    runs.stream().filter(run -> run.contains(said.strip())).count();
            boolean there = text.contains(said.strip());
            if (trained != (spoken && there ? 1 : 0)) {
                return Optional.of("'" + said.strip() + "' is trained " + trained + " times; runs " + runs);
            }
        }
        return Optional.empty();
    }

    private static List<String> runs(TrainingSample sample, String text) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < sample.length(); i++) {
            if (sample.isTrained(i)) {
                if (i == 0 || !sample.isTrained(i - 1)) {
                    runs.add("");
                }
                runs.set(runs.size() - 1, runs.getLast() + text.charAt(i));
            }
        }
        return runs;
    }
}
