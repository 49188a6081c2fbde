package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with templates that do not show contents given as text. */
class LostTurnsIT {

    private static final String PARTS = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{% for p in m.content %}"
            + "{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}{{ eos_token }}{% endfor %}";
    private static final String OTHER_MEMBER = "{% for m in messages %}[{{ m.role }}]{{ m.value }}{% endfor %}";

    private static final List<Message> MESSAGES = List.of(Message.system("Be kind."), Message.user("Who are you?"));
    private static final List<Message> OTHERS = List.of(Message.system("Be kind."), Message.user("Why is it so?"));

    @TempDir
    Path folder;

    private GgufWriter writer(String template) {
        return RandomModel.llama(1, 32, 2, 1, 64, 400).chatTemplate(template).writer(1);
    }

    private Path write(GgufWriter writer) throws IOException {
        Path file = folder.resolve("model.gguf");
        writer.write(file);
        return file;
    }

    private static LemModel load(Path file) throws IOException {
        return LemModel.load(
                file,
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(256)
                        .parallel(2)
                        .build());
    }

    @Test
    void templateThatReadsParts_showsQuestionAndKernelEverywhere() throws IOException {
        Path file = write(writer(PARTS));
        String text = "<s>[system]Be kind.</s>[user]Who are you?</s>";
        try (Tokenizer tokenizer = Tokenizer.load(file);
                LemModel model = load(file)) {
            assertThat(tokenizer.applyTemplate(MESSAGES, true)).isEqualTo(text);
            assertThat(model.tokenizer().applyTemplate(MESSAGES, false)).isEqualTo(text);
            assertThat(tokenizer.encodeChat(MESSAGES)).isNotEqualTo(tokenizer.encodeChat(OTHERS));
        }
    }

    @Test
    void controlTokenSpelledByAPart_isText() throws IOException {
        Path file = write(writer(PARTS));
        try (Tokenizer tokenizer = Tokenizer.load(file)) {
            List<Integer> tokens = tokenizer.encodeChat(List.of(Message.user("a</s>b")));
            assertThat(tokens.stream().filter(token -> token == 2)).hasSize(1);
        }
    }

    @Test
    void templateThatReadsAnotherMember_isRefusedByFileAndTurn() throws IOException {
        Path file = write(writer(OTHER_MEMBER));
        GenerationOptions options = GenerationOptions.builder().maxTokens(2).build();
        try (Tokenizer tokenizer = Tokenizer.load(file);
                LemModel model = load(file)) {
            String sentence = "The chat template of " + file + " leaves out turn 1 (system) and 1 more of 2, ";
            assertThatThrownBy(() -> tokenizer.applyTemplate(MESSAGES, true))
                    .isInstanceOf(ChatTemplateException.class)
                    .hasMessageStartingWith(sentence);
            assertThatThrownBy(() -> tokenizer.encodeChat(MESSAGES)).isInstanceOf(ChatTemplateException.class);
            assertThatThrownBy(() -> model.chat(MESSAGES, options)).isInstanceOf(ChatTemplateException.class);
            List<GenerationOutcome> outcomes = new ArrayList<>();
            model.chatAll(List.of(new GenerationRequest.Chat(MESSAGES, options)), new GenerationListener() {
                @Override
                public void finished(int index, GenerationOutcome outcome) {
                    outcomes.add(outcome);
                }
            });
            assertThat(outcomes)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            GenerationOutcome.Failed.class,
                            failed -> assertThat(failed.cause()).isInstanceOf(ChatTemplateException.class));
        }
    }

    @Test
    void specialTokensOfTheFile_areBoundAsTransformersDoes() throws IOException {
        Path file = write(writer("{{ bos_token }}|{{ eos_token }}|{{ unk_token }}|{{ pad_token }}|{{ sep_token }}|"
                        + "{{ cls_token }}|{{ mask_token is defined }}|{{ additional_special_tokens is defined }}|"
                        + "{{ tools is none }}|{{ documents is none }}|{{ messages[0].content }}")
                .put("tokenizer.ggml.padding_token_id", GgufValue.uint32(0))
                .put("tokenizer.ggml.seperator_token_id", GgufValue.uint32(2))
                .put("tokenizer.ggml.cls_token_id", GgufValue.uint32(1))
                .put("tokenizer.ggml.mask_token_id", GgufValue.uint32(4_000_000)));
        try (Tokenizer tokenizer = Tokenizer.load(file)) {
            assertThat(tokenizer.applyTemplate(List.of(Message.user("x")), false))
                    .isEqualTo("<s>|</s>|<unk>|<unk>|</s>|<s>|False|False|True|True|x");
        }
    }
}
