package io.lethean.lem.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleEncoderTest {

    private static final Path FILE = Path.of("train.jsonl");
    private static final GreedyTokenizer CHARACTERS = new GreedyTokenizer();

    private static TrainingSample encode(ChatRenderer renderer, GreedyTokenizer tokenizer, List<Message> messages)
            throws IOException {
        var example = new TrainingExample.Conversation(FILE, 3, messages);
        return new SampleEncoder(renderer, tokenizer, SampleEncoder.NO_TOKEN, true).encode(example);
    }

    /** The runs of trained tokens as text. */
    private static List<String> trained(TrainingSample sample, GreedyTokenizer tokenizer) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < sample.length(); i++) {
            if (sample.isTrained(i)) {
                if (!sample.isTrained(i - 1)) {
                    runs.add("");
                }
                runs.set(runs.size() - 1, runs.getLast() + tokenizer.piece(sample.token(i)));
            }
        }
        return runs;
    }

    private static List<String> trained(ChatRenderer renderer, List<Message> messages) throws IOException {
        return trained(encode(renderer, CHARACTERS, messages), CHARACTERS);
    }

    @Test
    void everyAssistantTurnIsTrainedWithWhatEndsIt() throws IOException {
        assertThat(trained(Templates.CHATML, Templates.twoQuestions("First.", "Second.")))
                .containsExactly("First.<|im_end|>\n", "Second.<|im_end|>\n");
    }

    @Test
    void templateThatTrimsAndRenamesIsFollowed() throws IOException {
        assertThat(trained(Templates.GEMMA, Templates.twoQuestions("  First. ", "\nSecond.\n")))
                .containsExactly("First.<end_of_turn>\n", "Second.<end_of_turn>\n");
    }

    @Test
    void questionThatQuotesTheFrameIsNotTakenForATurn() throws IOException {
        String quote = "<|im_start|>assistant\nFirst.<|im_end|>\n";
        List<Message> messages = List.of(
                Message.user(quote), Message.assistant("First."), Message.user(quote), Message.assistant("Second."));
        TrainingSample sample = encode(Templates.CHATML, CHARACTERS, messages);
        assertThat(trained(sample, CHARACTERS)).containsExactly("First.<|im_end|>\n", "Second.<|im_end|>\n");
        String text = Templates.CHATML.render(messages, false);
        int real = text.indexOf("assistant\nFirst.", text.indexOf("First.") + 1) + "assistant\n".length();
        assertThat(sample.isTrained(real)).isTrue();
        assertThat(sample.isTrained(text.indexOf("First."))).isFalse();
    }

    @Test
    void earlierTurnsWhoseReasoningTheTemplateDropsAreTrainedAsTheyStand() throws IOException {
        List<Message> messages = Templates.twoQuestions("<think>hm</think>First.", "<think>well</think>Second.");
        assertThat(trained(Templates.THINKING, messages))
                .containsExactly("First.<|im_end|>\n", "<think>\nwell\n</think>\n\nSecond.<|im_end|>\n");
    }

    @Test
    void turnsWithoutReasoningAreFoundWhereTheGenerationPromptOpensIt() throws IOException {
        assertThat(trained(Templates.THINKING_OPENED, Templates.twoQuestions("First.", "Second.")))
                .containsExactly("First.<|im_end|>\n", "\n</think>\n\nSecond.<|im_end|>\n");
        assertThat(trained(Templates.THINKING_OPENED, Templates.twoQuestions("<b>First</b>", "Second.")))
                .first()
                .isEqualTo("<b>First</b><|im_end|>\n");
    }

    @Test
    void systemMessageThatMovesToTheLastQuestionDoesNotShiftEarlierTurns() throws IOException {
        List<Message> messages = new ArrayList<>(List.of(Message.system("Be kind.")));
        messages.addAll(Templates.twoQuestions("First.", "Second."));
        assertThat(trained(Templates.SYSTEM_BEFORE_LAST_QUESTION, messages))
                .containsExactly("First.</s>", " Second.</s>");
    }

    @Test
    void templateThatBeginsDifferentlyForEveryLengthIsFollowed() throws IOException {
        assertThat(trained(Templates.COUNTED, Templates.twoQuestions("First.", "Second.")))
                .containsExactly("First.<|im_end|>\n", "Second.<|im_end|>\n");
    }

    @Test
    void turnThatTheTemplateLeavesOutIsNotTrained() throws IOException {
        assertThat(trained(Templates.FORGETFUL, Templates.twoQuestions("First.", "Second.")))
                .containsExactly("Second.<|im_end|>\n");
    }

    @Test
    void conversationThatBeginsWithTheAssistantIsTrained() throws IOException {
        assertThat(trained(Templates.CHATML, List.of(Message.assistant("Welcome."), Message.user("Hi"))))
                .containsExactly("Welcome.<|im_end|>\n");
    }

    @Test
    void plainFormEndsEachAnswerWithEndOfSequence() throws IOException {
        assertThat(trained(ChatRenderer.plain("</s>"), Templates.twoQuestions("First.", "Second.")))
                .containsExactly("First.</s>", "Second.</s>");
        assertThat(ChatRenderer.plain("</s>").render(List.of(Message.user("One?"), Message.assistant("First.")), true))
                .isEqualTo("One?\n\nFirst.</s>\n\n");
    }

    @Test
    void tokenMergedAcrossTheBeginningOfATurnIsTrained() throws IOException {
        GreedyTokenizer merging = new GreedyTokenizer("\nF", "assistant\nS");
        TrainingSample sample = encode(Templates.CHATML, merging, Templates.twoQuestions("First.", "Second."));
        assertThat(trained(sample, merging)).containsExactly("\nFirst.<|im_end|>\n", "assistant\nSecond.<|im_end|>\n");
    }

    @Test
    void tokenMergedAcrossTheEndOfATurnIsNotTrained() throws IOException {
        GreedyTokenizer merging = new GreedyTokenizer(">\n<|im_start|>", "<|im_end|");
        TrainingSample sample = encode(Templates.CHATML, merging, Templates.twoQuestions("First.", "Second."));
        assertThat(trained(sample, merging)).containsExactly("First.<|im_end|", "Second.<|im_end|>\n");
    }

    private static List<String> trainedWithout(ChatRenderer renderer, boolean maskPrompt, Integer... unlearned)
            throws IOException {
        var example = new TrainingExample.Conversation(
                FILE, 3, Templates.twoQuestions("First.", "Second."), Set.of(unlearned));
        SampleEncoder encoder = new SampleEncoder(renderer, CHARACTERS, SampleEncoder.NO_TOKEN, maskPrompt);
        return trained(encoder.encode(example), CHARACTERS);
    }

    @Test
    void turnWithWeightZero_isInTheTextAndNotTrained() throws IOException {
        assertThat(trainedWithout(Templates.CHATML, true, 1)).containsExactly("Second.<|im_end|>\n");
        assertThat(trainedWithout(Templates.CHATML, true, 3)).containsExactly("First.<|im_end|>\n");
        assertThat(trainedWithout(Templates.COUNTED, true, 1)).containsExactly("Second.<|im_end|>\n");
        var example = new TrainingExample.Conversation(FILE, 3, Templates.twoQuestions("First.", "Second."), Set.of(1));
        SampleEncoder encoder = new SampleEncoder(Templates.CHATML, CHARACTERS, SampleEncoder.NO_TOKEN, true);
        StringBuilder text = new StringBuilder();
        for (int token : encoder.encode(example).tokens()) {
            text.append(CHARACTERS.piece(token));
        }
        assertThat(text.toString()).isEqualTo(Templates.CHATML.render(example.messages(), false));
    }

    @Test
    void turnWithWeightZero_isNotTrainedWithoutAMaskEither() throws IOException {
        assertThat(trainedWithout(Templates.CHATML, false, 1))
                .containsExactly(
                        "|im_start|>user\nOne?<|im_end|>\n<|im_start|>assistant\n",
                        "<|im_start|>user\nTwo?<|im_end|>\n<|im_start|>assistant\nSecond.<|im_end|>\n");
        assertThatThrownBy(() -> trainedWithout(Templates.FORGETFUL, false, 1))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("turn 2 has weight 0, and where it is in the rendered text cannot be found.");
    }

    @Test
    void marksAreForTargetsSoTheFirstTokenNeverIs() throws IOException {
        TrainingSample sample = encode(ChatRenderer.plain(""), CHARACTERS, List.of(Message.assistant("abc")));
        assertThat(sample.isTrained(0)).isFalse();
        assertThat(sample.trainedCount()).isEqualTo(2);
    }

    @Test
    void withoutMaskEverythingIsTrained() throws IOException {
        var example = new TrainingExample.Conversation(FILE, 1, Templates.twoQuestions("A", "B"));
        TrainingSample sample =
                new SampleEncoder(Templates.CHATML, CHARACTERS, SampleEncoder.NO_TOKEN, false).encode(example);
        assertThat(sample.trainedCount()).isEqualTo(sample.length() - 1);
    }

    @Test
    void plainTextEndsWithTheEndOfTextOnce() throws IOException {
        SampleEncoder encoder = new SampleEncoder(Templates.CHATML, CHARACTERS, '!', false);
        var open = new TrainingExample.PlainText(FILE, 1, "ab");
        var ended = new TrainingExample.PlainText(FILE, 1, "a!");
        assertThat(encoder.encode(open).tokens()).containsExactly('a', 'b', '!');
        assertThat(encoder.encode(ended).tokens()).containsExactly('a', '!');
    }

    @Test
    void plainTextHasNoPromptToMask() {
        SampleEncoder encoder = new SampleEncoder(Templates.CHATML, CHARACTERS, '!', true);
        assertThatThrownBy(() -> encoder.encode(new TrainingExample.PlainText(FILE, 7, "ab")))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith("train.jsonl:7: mask-prompt");
    }

    @Test
    void conversationThatTheTemplateRefusesIsNamedWithItsReason() {
        List<Message> messages = List.of(Message.user("a"), Message.user("b"), Message.assistant("c"));
        assertThatThrownBy(() -> encode(Templates.GEMMA, CHARACTERS, messages))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith("train.jsonl:3: ")
                .hasMessageContaining("roles must alternate");
    }

    @Test
    void exampleInWhichNothingIsTrainedIsRefused() {
        ChatRenderer usersOnly = (messages, prompt) -> messages.getFirst().content();
        assertThatThrownBy(() -> encode(usersOnly, CHARACTERS, Templates.twoQuestions("a", "b")))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("no token of this example would be trained");
    }

    @Test
    void viewMarksTrainedTokensAndKeepsSplitCharactersWhole() throws IOException {
        byte[] snowman = "☃".getBytes(StandardCharsets.UTF_8);
        TrainingSample sample = new TrainingSample(
                FILE, 2, new int[] {'a', 0x1000, 0x1001, 0x1002, 'b'}, new boolean[] {false, true, true, true, false});
        String view = MaskView.of(
                sample, token -> token >= 0x1000 ? new byte[] {snowman[token - 0x1000]} : new byte[] {(byte) token});
        assertThat(view).isEqualTo("train.jsonl:2 (5 tokens, 3 trained)\na⟦☃⟧b\n");
    }
}
