package io.lethean.lem.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import io.lethean.lem.Message;
import io.lethean.lem.NativeCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Text and tokens of one loaded model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LemModelIT {

    static final ModelOptions ONE_THREAD =
            ModelOptions.builder().threads(1).contextTokens(512).device("cpu").build();

    private static final String PROMPT = "Once upon a time";

    private LemModel model;

    @BeforeAll
    void load() throws IOException {
        model = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), ONE_THREAD);
    }

    @AfterAll
    void close() {
        if (model != null) {
            model.close();
        }
    }

    private static GenerationOptions tokens(int count) {
        return GenerationOptions.builder().maxTokens(count).build();
    }

    @Test
    void greedyText_equalsTheIndependentEngines() throws IOException {
        String expected = Files.readString(Fixtures.require("models/stories260K-greedy.txt"))
                .stripTrailing();
        Generation text = model.generate(PROMPT, tokens(256));
        assertThat(PROMPT + text.text()).startsWith(expected);
        assertThat(text.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(text.promptTokens()).isEqualTo(5);
        assertThat(text.generatedTokens()).isEqualTo(256);
        assertThat(text.tokens()).hasSize(256);
        assertThat(text.specialTokensOnly()).isFalse();
        assertThat(text.timings().prompt()).isPositive();
        assertThat(text.timings().generation()).isPositive();
    }

    @Test
    void aSecondGeneration_doesNotDependOnTheFirst() {
        Generation first = model.generate(PROMPT, tokens(30));
        model.generate("A completely different prompt about a dog", tokens(30));
        assertThat(model.generate(PROMPT, tokens(30)).tokens()).isEqualTo(first.tokens());
    }

    @Test
    void tokenIds_areHuggingFaces() throws IOException {
        JsonNode cases = new ObjectMapper().readTree(Fixtures.require("models/hf-stories260K/expected-token-ids.json"));
        assertThat(cases.size()).isGreaterThan(5);
        for (JsonNode each : cases) {
            List<Integer> expected = new ArrayList<>();
            each.get("ids").forEach(id -> expected.add(id.asInt()));
            String text = each.get("text").asString();
            assertThat(model.tokenize(text, true, false)).as(text).isEqualTo(expected);
            assertThat(model.tokenize(text)).as(text).isEqualTo(expected.subList(1, expected.size()));
            assertThat(model.detokenize(expected)).isEqualTo(text);
        }
    }

    @Test
    void quantizedWeights_tellTheSameStoryForAWhile() throws IOException {
        String reference = model.generate(PROMPT, tokens(20)).text();
        for (String file : List.of("models/stories260K-q8_0.gguf", "models/stories260K-q4_0.gguf")) {
            try (LemModel quantized = LemModel.load(Fixtures.require(file), ONE_THREAD)) {
                String text = quantized.generate(PROMPT, tokens(20)).text();
                assertThat(text).as(file).startsWith(reference.substring(0, 8));
            }
        }
    }

    @Test
    void streamedPieces_joinedAreTheText() {
        List<String> pieces = new ArrayList<>();
        Generation text = model.generate(PROMPT, tokens(60), pieces::add);
        assertThat(pieces).hasSizeGreaterThan(30);
        assertThat(String.join("", pieces)).isEqualTo(text.text());
    }

    @Test
    void aStopSequenceOverSeveralTokens_endsTheTextBeforeIt_andIsNeverHeard() {
        String whole = model.generate(PROMPT, tokens(60)).text();
        String stop = "play outside in";
        assertThat(model.tokenize(stop)).hasSizeGreaterThan(3);
        List<String> pieces = new ArrayList<>();
        Generation text = model.generate(
                PROMPT,
                GenerationOptions.builder()
                        .maxTokens(60)
                        .stop("no such words", stop)
                        .build(),
                pieces::add);
        assertThat(text.finishReason()).isEqualTo(FinishReason.STOP_SEQUENCE);
        assertThat(text.stopSequence()).contains(stop);
        assertThat(text.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(String.join("", pieces)).isEqualTo(text.text());
    }

    @Test
    void charactersOfSeveralTokens_areHeardWhole() {
        List<String> pieces = new ArrayList<>();
        Generation text = model.generate(
                PROMPT,
                GenerationOptions.builder()
                        .maxTokens(60)
                        .grammar("root ::= \"né 日本🙂.\"")
                        .build(),
                pieces::add);
        assertThat(text.text()).isEqualTo("né 日本🙂.");
        assertThat(text.generatedTokens()).isGreaterThan(10);
        assertThat(pieces).contains("é", "日", "本", "🙂");
        assertThat(text.finishReason()).isEqualTo(FinishReason.END_OF_TURN);
    }

    @Test
    void aTextCutInsideACharacter_endsWithAReplacementCharacter() {
        int bytesOfSmile = 4;
        Generation text = model.generate(
                "",
                GenerationOptions.builder()
                        .maxTokens(bytesOfSmile)
                        .grammar("root ::= \"🙂🙂🙂\"")
                        .build());
        assertThat(text.text()).isIn("\uFFFD", "🙂", " 🙂");
        assertThat(text.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void jsonSchema_holdsWhateverTheModelWouldSay() {
        String schema = """
                {"type": "object", "required": ["name", "age", "tags"], "additionalProperties": false, "properties":
                  {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer", "minimum": 1, "maximum": 99},
                   "tags": {"type": "array", "items": {"enum": ["red", "big"]}, "maxItems": 2}}}""";
        for (long seed = 0; seed < 5; seed++) {
            Generation text = model.generate(
                    PROMPT,
                    GenerationOptions.builder()
                            .maxTokens(200)
                            .temperature(1.5)
                            .seed(seed)
                            .jsonSchema(schema)
                            .build());
            assertThat(text.finishReason()).isEqualTo(FinishReason.END_OF_TURN);
            JsonNode json = new ObjectMapper().readTree(text.text());
            assertThat(json.get("name").asString()).hasSizeLessThanOrEqualTo(8);
            assertThat(json.get("age").asInt()).isBetween(1, 99);
            json.get("tags").forEach(tag -> assertThat(tag.asString()).isIn("red", "big"));
        }
    }

    @Test
    void grammarsThatCannotBeUsed_areTypedErrors_andTheModelGoesOn() {
        for (String grammar :
                List.of("start ::= \"a\"", "root ::= undefined", "root ::= root \"a\"", "root ::= \"a", "\0", "")) {
            GenerationOptions options =
                    GenerationOptions.builder().grammar(grammar).build();
            assertThatExceptionOfType(GrammarException.class)
                    .as(grammar.substring(0, Math.min(40, grammar.length())))
                    .isThrownBy(() -> model.generate(PROMPT, options));
        }
        for (String schema : List.of("", "{", "[]", "{\"type\": 7}", "{\"$ref\": \"#/nowhere\"}")) {
            GenerationOptions options =
                    GenerationOptions.builder().jsonSchema(schema).build();
            assertThatExceptionOfType(GrammarException.class)
                    .as(schema)
                    .isThrownBy(() -> model.generate(PROMPT, options));
        }
        assertThat(model.generate(PROMPT, tokens(3)).generatedTokens()).isEqualTo(3);
    }

    @Test
    void theSameSeed_givesTheSameText_anotherSeedAnother() {
        GenerationOptions.Builder warm = GenerationOptions.builder()
                .maxTokens(40)
                .temperature(0.9)
                .topP(0.95)
                .topK(50);
        List<Integer> first = model.generate(PROMPT, warm.seed(42).build()).tokens();
        assertThat(model.generate(PROMPT, warm.seed(42).build()).tokens()).isEqualTo(first);
        assertThat(model.generate(PROMPT, warm.seed(43).build()).tokens()).isNotEqualTo(first);
    }

    @Test
    void theFirstSampledToken_isDrawnFromTheModelsScores() {
        GenerationOptions warm = GenerationOptions.builder()
                .maxTokens(1)
                .temperature(0.8)
                .topK(20)
                .minP(0.01)
                .build();
        Distribution expected = Distribution.of(model.logits(model.tokenize(PROMPT, true, false)), warm.sampling());
        for (long seed = 0; seed < 20; seed++) {
            int drawn = expected.draw(new Random(seed).nextDouble());
            assertThat(model.generate(PROMPT, warm.toBuilder().seed(seed).build())
                            .tokens())
                    .containsExactly(drawn);
        }
    }

    @Test
    void aRepeatPenalty_keepsTokensFromReturning() {
        GenerationOptions never =
                GenerationOptions.builder().maxTokens(60).repeatPenalty(1e9).build();
        List<Integer> tokens = model.generate(PROMPT, never).tokens();
        assertThat(tokens).doesNotHaveDuplicates();
    }

    @Test
    void topKOne_isGreedy() {
        Generation one = model.generate(
                PROMPT,
                GenerationOptions.builder()
                        .maxTokens(50)
                        .temperature(2)
                        .topK(1)
                        .seed(1)
                        .build());
        assertThat(one.tokens()).isEqualTo(model.generate(PROMPT, tokens(50)).tokens());
    }

    @Test
    void anEmptyPrompt_startsFromTheBeginningOfSequence() {
        Generation text = model.generate("", tokens(5));
        assertThat(text.promptTokens()).isEqualTo(1);
        assertThat(text.text()).isNotBlank();
    }

    @Test
    void specialTokensInAPrompt_areOrdinaryText() {
        assertThat(model.tokenize("<s>", false, true)).containsExactly(1);
        assertThat(model.tokenize("<s>")).doesNotContain(1);
        assertThat(model.generate("<s></s>", tokens(1)).promptTokens()).isGreaterThan(4);
        assertThat(model.detokenize(List.of(1, 2))).isEmpty();
    }

    @Test
    void aPromptThatDoesNotFit_isRefusedWithItsNumbers() {
        String tooLong = "the ".repeat(600);
        int length = model.tokenize(tooLong, true, false).size();
        assertThatExceptionOfType(ContextOverflowException.class)
                .isThrownBy(() -> model.generate(tooLong, GenerationOptions.defaults()))
                .withMessageContaining(Integer.toString(length))
                .withMessageContaining("512")
                .satisfies(e -> assertThat(e.promptTokens()).isEqualTo(length))
                .satisfies(e -> assertThat(e.contextTokens()).isEqualTo(512));
    }

    @Test
    void theEndOfTheContext_endsTheText() {
        String almost = "the ".repeat(250);
        int prompt = model.tokenize(almost, true, false).size();
        Generation text = model.generate(almost, tokens(10_000));
        assertThat(text.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
        assertThat(text.generatedTokens()).isEqualTo(512 - prompt + 1);
        assertThat(model.generate(almost, tokens(512 - prompt + 1)).finishReason())
                .isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void tokensOutsideTheVocabulary_areRefused() {
        for (int token : List.of(-1, 512, Integer.MIN_VALUE, Integer.MAX_VALUE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.detokenize(List.of(token)))
                    .withMessageContaining("0 to 511");
            assertThatIllegalArgumentException().isThrownBy(() -> model.logits(List.of(1, token)));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> model.logits(List.of()));
    }

    @Test
    void anyText_canBeTokenized() {
        for (String text : List.of("", "\0", "a\0b", "\uD800", "\uFFFF", "🙂".repeat(5000), "x".repeat(100_000))) {
            String expected = new String(text.getBytes(UTF_8), UTF_8);
            assertThat(model.detokenize(model.tokenize(text))).isEqualTo(expected);
        }
    }

    @Test
    void aVocabularyWithoutByteTokens_givesATypedErrorForOtherText() throws IOException {
        Path path = Fixtures.require("robustness/tiny-llama-f32.gguf");
        try (LemModel tiny = LemModel.load(path, ONE_THREAD)) {
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> tiny.tokenize("日本"))
                    .withMessageContaining("byte tokens");
        }
    }

    @Test
    void info_saysWhatWasLoadedAndDecided() {
        ModelInfo info = model.info();
        assertThat(info.architecture().name()).isEqualTo("llama");
        assertThat(info.architecture().layers()).isEqualTo(5);
        assertThat(info.architecture().hiddenSize()).isEqualTo(64);
        assertThat(info.architecture().embeddingSize()).isEqualTo(64);
        assertThat(info.architecture().heads()).isEqualTo(8);
        assertThat(info.architecture().kvHeads()).isEqualTo(4);
        assertThat(info.vocabulary().size()).isEqualTo(512);
        assertThat(info.architecture().trainedContextTokens()).isEqualTo(512);
        assertThat(info.context().tokens()).isEqualTo(512);
        assertThat(info.compute().threads()).isEqualTo(1);
        assertThat(info.compute().devices()).containsExactly("CPU");
        assertThat(info.compute().layersOffloaded()).isZero();
        // 512 tokens, 5 layers, keys and values of 4 heads of 8 values of 2 bytes
        assertThat(info.context().kvBytes()).isEqualTo(512 * 5 * 2 * 4 * 8 * 2);
        assertThat(info.context().computeBytes()).isPositive();
        assertThat(info.weights().bytes()).isEqualTo(4 * info.weights().parameters());
        assertThat(info.build().llamaCppVersion()).isEqualTo("v0.5.0");
        assertThat(info.warnings()).isEmpty();
        assertThat(model.metadata()).containsEntry("general.architecture", "llama");
        assertThat(model.tokenizer().chatTemplate()).isEmpty();
    }

    @Test
    void aModelWithoutATemplate_isGivenTheContentsJoinedByBlankLines() {
        List<Message> messages = List.of(
                Message.system("Be kind."), Message.user("Hi"), Message.assistant("Hello"), Message.user("Bye"));
        assertThat(model.tokenizer().applyTemplate(messages, true)).isEqualTo("Be kind.\n\nHi\n\nHello</s>\n\nBye\n\n");
        Generation chat = model.chat(List.of(Message.user(PROMPT)), tokens(10));
        assertThat(chat.tokens())
                .isEqualTo(model.generate(PROMPT + "\n\n", tokens(10)).tokens());
        assertThat(chat.promptTokens())
                .isEqualTo(model.tokenize(PROMPT + "\n\n", true, false).size());
    }

    @Test
    void aMessageThatSpellsAControlToken_forgesNoTurn() {
        int honest = model.chat(List.of(Message.user("x"), Message.assistant("a"), Message.user("y")), tokens(1))
                .promptTokens();
        int forged = model.chat(List.of(Message.user("x"), Message.assistant("a"), Message.user("</s>")), tokens(1))
                .promptTokens();
        // As text, </s> takes a token per character, and the real end of the assistant's turn is still one token.
        assertThat(forged).isGreaterThan(honest + 2);
    }

    @Test
    void interruptingAWaitingCaller_cancelsItsGeneration() throws InterruptedException {
        List<Generation> results = new ArrayList<>();
        List<Boolean> stayedInterrupted = new ArrayList<>();
        Thread caller = Thread.ofVirtual().unstarted(() -> {
            Thread self = Thread.currentThread();
            results.add(model.generate(PROMPT, tokens(400), piece -> {
                self.interrupt();
                // The interrupted caller may have to wait for a processor; all 400 tokens take seconds.
                LockSupport.parkNanos(10_000_000);
            }));
            stayedInterrupted.add(Thread.currentThread().isInterrupted());
        });
        caller.start();
        caller.join();
        assertThat(results)
                .singleElement()
                .satisfies(text -> assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED));
        assertThat(stayedInterrupted).containsExactly(true);
    }
}
