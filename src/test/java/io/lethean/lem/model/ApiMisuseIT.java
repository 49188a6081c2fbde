package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.ffi.llama_model_params;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import io.lethean.lem.internal.llama.GrammarConstraint;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every misuse of llama.cpp's interface that was found to end a process, with what makes it harmless here: a test, or the
 * reason why no caller can express it. The tests of this class go below the public types, to the calls themselves.
 */
class ApiMisuseIT {

    /** A misuse, and the tests that prove it harmless; no tests where the reason is that it cannot be written. */
    record Row(String misuse, String answer, String... tests) {
        @Override
        public String toString() {
            return misuse;
        }
    }

    static List<Row> rows() {
        return List.of(
                new Row(
                        "more tokens than a batch, or than the context",
                        "split; counted before",
                        "ApiMisuseIT.batchesThatWouldAbort_areRefused",
                        "SecondEngineIT.aPromptSplitIntoSmallBatches_givesTheSameScores",
                        "LemModelIT.aPromptThatDoesNotFit_isRefusedWithItsNumbers"),
                new Row(
                        "negative token count; neither tokens nor embeddings",
                        "checked by the shim",
                        "ApiMisuseIT.batchesThatWouldAbort_areRefused"),
                new Row(
                        "a token of no sequence",
                        "checked by the shim",
                        "ApiMisuseIT.batchesThatWouldAbort_areRefused"),
                new Row(
                        "a sequence that the context does not have, or more rows of scores than it keeps",
                        "counted before, for evaluating, copying and forgetting",
                        "BatchIndependenceIT.sequencesAndRowsBeyondTheContexts_areRefusedBeforeLlamaCppAborts"),
                new Row(
                        "copying a part of a sequence to another",
                        "only whole sequences are copied",
                        "BatchIndependenceIT.whatPromptsShare_isEvaluatedOnceInWholeBlocks"),
                new Row(
                        "more sequences than a micro-batch has tokens",
                        "refused as an option",
                        "ParallelGenerationIT.batchesAsSmallAsTheNumberOfAnswers_giveTheSameTexts"),
                new Row(
                        "encode on a model without encoder",
                        "nothing calls llama_encode; models with encoder and decoder are refused at load"),
                new Row(
                        "an encoder's text of more tokens than a micro-batch, or than it has positions",
                        "counted before; the micro-batch takes the longest text",
                        "EmbeddingIT.textLongerThanThePositions_isRefusedWithBothNumbers",
                        "EmbeddingIT.textAsLongAsThePositions_isEmbedded"),
                new Row(
                        "pooling by a classification head that the model does not have",
                        "looked for in the file",
                        "EmbeddingIT.rerankWithAnEncoderWithoutHead_isRefused"),
                new Row(
                        "batch of 0, unknown cache type, flash attention, pooling or load mode",
                        "ranges and enums; checked again by the shim",
                        "ModelOptionsTest.valuesOutsideTheirRange_areRefusedByName",
                        "ApiMisuseIT.contextsThatWouldAbort_areRefused",
                        "ApiMisuseIT.loadsThatWouldAbort_areRefused"),
                new Row(
                        "context of a model without weights, load without memory, no path",
                        "no option asks for the first two; the others are checked by the shim",
                        "ApiMisuseIT.noOption_loadsAModelWithoutItsWeights",
                        "ApiMisuseIT.loadsThatWouldAbort_areRefused"),
                new Row(
                        "sampling before evaluation, or a row without scores",
                        "null-checked",
                        "ApiMisuseIT.scoresBeforeAnEvaluation_areRefused",
                        "ApiMisuseIT.samplingThatWouldAbort_isRefused"),
                new Row(
                        "a sampler chain that chooses nothing, or no sampler",
                        "tokens are chosen in Java",
                        "ApiMisuseIT.samplingThatWouldAbort_isRefused"),
                new Row(
                        "a token that the grammar does not allow",
                        "asked first",
                        "ApiMisuseIT.tokensThatAGrammarForbids_areRefused",
                        "LemModelIT.jsonSchema_holdsWhateverTheModelWouldSay"),
                new Row(
                        "a grammar nested too deep",
                        "bounded by the shim",
                        "ApiMisuseIT.grammarsOfAnyDepth_areTypedErrorsOrWork"),
                new Row("a lazy grammar with a broken pattern", "nothing makes lazy grammars"),
                new Row(
                        "a token outside the vocabulary", "range-checked",
                        "LemModelIT.tokensOutsideTheVocabulary_areRefused",
                                "ApiMisuseIT.batchesThatWouldAbort_areRefused"),
                new Row(
                        "a text of negative length",
                        "lengths are those of byte arrays; checked by the shim",
                        "ApiMisuseIT.textsThatWouldThrow_areRefused"),
                new Row("dividing positions by 0", "nothing calls llama_memory_seq_div"),
                new Row(
                        "freeing twice, use after freeing, the model before its context",
                        "owners in one order, once",
                        "LemModelLifetimeIT.afterClose_everyCallIsRefused_andClosingAgainIsNothing",
                        "LemModelLifetimeIT.closingFromTwoThreadsDuringAGeneration_endsIt_andBothReturn",
                        "LemModelLifetimeIT.openingAndClosing_keepsNoMemoryAndNoThreads"),
                new Row(
                        "a GGUF value read as another type",
                        "files are read in Java, where the types are classes",
                        "BadFilesIT.everyBadFileIsATypedError_andEveryHarmlessOneRuns"),
                new Row(
                        "a callback after its memory was freed",
                        "log: for ever; progress: for the one call; cancelling: a native function",
                        "LemModelLifetimeIT.cancelling_interruptsTheEvaluationOfALongPrompt"),
                new Row(
                        "an exception that leaves an upcall",
                        "caught, kept, thrown in Java",
                        "LemModelLifetimeIT.progress_runsToTheEnd_andMayStopTheLoad",
                        "LemModelLifetimeIT.aListenerThatThrows_endsTheGenerationWithItsException"),
                new Row(
                        "hundreds of threads",
                        "at most the processors",
                        "LemModelLifetimeIT.moreThreadsThanProcessors_areRefused"),
                new Row(
                        "a cache larger than the memory",
                        "estimated first",
                        "LemModelLifetimeIT.aCacheThatTheMemoryCannotHold_isRefusedBeforeItIsAllocated"),
                new Row(
                        "any other failed assertion",
                        "costs the model, not the process",
                        "AbortGuardIT.onTheModelsThread_theCallerGetsAnException_andOtherModelsWork"));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyRow_namesTestsThatExist(Row row) throws ClassNotFoundException {
        assertThat(row.answer()).isNotBlank();
        for (String test : row.tests()) {
            String[] parts = test.split("\\.");
            Class<?> type = Class.forName(ApiMisuseIT.class.getPackageName() + "." + parts[0]);
            assertThat(Arrays.stream(type.getDeclaredMethods()).map(Method::getName))
                    .contains(parts[1]);
        }
    }

    private final Arena arena = Arena.ofConfined();
    private final ErrorBuffer error = new ErrorBuffer(arena);
    private Path path;
    private ModelLoader.Loaded loaded;

    @BeforeEach
    void load() throws IOException {
        path = Fixtures.require("models/stories260K-f32.gguf");
        NativeLibraries.load();
        loaded = new ModelLoader(GgufFile.read(path), LemModelIT.ONE_THREAD).load();
    }

    @AfterEach
    void close() {
        if (loaded != null) {
            loaded.close();
        }
        arena.close();
    }

    private void refused(int code) {
        assertThat(code).isEqualTo(LlamaCpp.LEM_STATUS_BAD_ARGUMENT());
        assertThat(error.message()).isNotBlank();
    }

    private void refused(MemorySegment pointer) {
        assertThat(pointer).isEqualTo(MemorySegment.NULL);
        assertThat(error.message()).isNotBlank();
    }

    private int decode(Consumer<MemorySegment> spoil) {
        MemorySegment batch = llama_batch.allocate(arena);
        MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, 1024);
        llama_batch.token(batch, tokens);
        llama_batch.n_tokens(batch, 1);
        spoil.accept(batch);
        return LlamaCpp.lem_decode(loaded.context().handle(), batch, error.address(), error.size());
    }

    @Test
    void batchesThatWouldAbort_areRefused() {
        refused(decode(batch -> llama_batch.n_tokens(batch, 513)));
        refused(decode(batch -> llama_batch.n_tokens(batch, 0)));
        refused(decode(batch -> llama_batch.n_tokens(batch, -1)));
        refused(decode(batch -> llama_batch.token(batch, MemorySegment.NULL)));
        refused(decode(batch -> llama_batch.n_seq_id(batch, arena.allocate(ValueLayout.JAVA_INT))));
        refused(decode(batch -> llama_batch.token(batch, arena.allocateFrom(ValueLayout.JAVA_INT, 512))));
        refused(decode(batch -> llama_batch.token(batch, arena.allocateFrom(ValueLayout.JAVA_INT, -1))));
        assertThat(decode(batch -> {})).isZero();
    }

    private MemorySegment context(Consumer<MemorySegment> spoil) {
        MemorySegment params = LlamaCpp.llama_context_default_params(arena);
        llama_context_params.n_ctx(params, 256);
        spoil.accept(params);
        return LlamaCpp.lem_context_init(loaded.model().handle(), params, error.address(), error.size());
    }

    @Test
    void contextsThatWouldAbort_areRefused() {
        refused(context(params -> llama_context_params.n_batch(params, 0)));
        refused(context(params -> llama_context_params.type_k(params, 255)));
        refused(context(params -> llama_context_params.type_v(params, -1)));
        refused(context(params -> llama_context_params.pooling_type(params, 99)));
        refused(context(params -> llama_context_params.flash_attn_type(params, 7)));
        refused(LlamaCpp.lem_context_init(
                MemorySegment.NULL, LlamaCpp.llama_context_default_params(arena), error.address(), error.size()));
    }

    private MemorySegment model(MemorySegment file, Consumer<MemorySegment> spoil) {
        MemorySegment params = LlamaCpp.llama_model_default_params(arena);
        spoil.accept(params);
        return LlamaCpp.lem_model_load(file, params, error.address(), error.size());
    }

    @Test
    void loadsThatWouldAbort_areRefused() {
        MemorySegment file = arena.allocateFrom(path.toString());
        refused(model(MemorySegment.NULL, params -> {}));
        refused(model(file, params -> llama_model_params.load_mode(params, 99)));
        refused(model(file, params -> llama_model_params.no_alloc(params, true)));
    }

    @Test
    void noOption_loadsAModelWithoutItsWeights() {
        LoadPlan plan = new LoadPlan(path, LemModelIT.ONE_THREAD, 256, 1, 1, List.of(), 0, Output.LOGITS);
        MemorySegment params = plan.modelParameters().toNative(arena);
        assertThat(llama_model_params.vocab_only(params)).isFalse();
        assertThat(llama_model_params.no_alloc(params)).isFalse();
    }

    @Test
    void scoresBeforeAnEvaluation_areRefused() {
        assertThatIllegalStateException().isThrownBy(() -> loaded.context().logits());
    }

    @Test
    void samplingThatWouldAbort_isRefused() {
        MemorySegment chain = LlamaCpp.llama_sampler_chain_init(LlamaCpp.llama_sampler_chain_default_params(arena));
        try {
            MemorySegment context = loaded.context().handle();
            refused(sample(chain, context, 0));
            assertThat(decode(batch -> {})).isZero();
            refused(sample(chain, context, -1));
            refused(sample(MemorySegment.NULL, context, -1));
            LlamaCpp.llama_sampler_chain_add(chain, LlamaCpp.llama_sampler_init_greedy());
            refused(sample(chain, context, 7));
            assertThat(sample(chain, context, -1)).isBetween(0, 511);
            refused(LlamaCpp.lem_sampler_apply(MemorySegment.NULL, MemorySegment.NULL, error.address(), error.size()));
        } finally {
            LlamaCpp.llama_sampler_free(chain);
        }
    }

    private int sample(MemorySegment chain, MemorySegment context, int row) {
        return LlamaCpp.lem_sampler_sample(chain, MemorySegment.NULL, context, row, error.address(), error.size());
    }

    @Test
    void tokensThatAGrammarForbids_areRefused() {
        try (GrammarConstraint grammar = GrammarConstraint.of(loaded.vocabulary(), "root ::= \"yes\"")) {
            int other = loaded.vocabulary().tokenize("q", false, false)[1];
            assertThat(grammar.allows(other)).isFalse();
            assertThatExceptionOfType(NativeCallException.class).isThrownBy(() -> grammar.accept(other));
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> grammar.accept(loaded.vocabulary().eos()));
        }
    }

    @Test
    void grammarsOfAnyDepth_areTypedErrorsOrWork() {
        for (int depth : List.of(50, 200_000)) {
            String text = "root ::= " + "(".repeat(depth) + "\"a\"" + ")".repeat(depth);
            try (GrammarConstraint grammar = GrammarConstraint.of(loaded.vocabulary(), text)) {
                assertThat(grammar.allows(loaded.vocabulary().eos())).isFalse();
            } catch (GrammarException e) {
                assertThat(depth).isGreaterThan(50);
            }
        }
    }

    @Test
    void textsThatWouldThrow_areRefused() {
        MemorySegment room = arena.allocate(64);
        MemorySegment vocabulary = loaded.vocabulary().handle();
        refused(LlamaCpp.lem_tokenize(vocabulary, room, -1, room, 4, true, true, error.address(), error.size()));
        refused(LlamaCpp.lem_tokenize(MemorySegment.NULL, room, 1, room, 4, true, true, error.address(), error.size()));
        refused(LlamaCpp.lem_token_to_piece(vocabulary, 512, room, 64, 0, true, error.address(), error.size()));
        refused(LlamaCpp.lem_token_to_piece(vocabulary, -1, room, 64, 0, true, error.address(), error.size()));
        refused(LlamaCpp.lem_detokenize(
                vocabulary,
                arena.allocateFrom(ValueLayout.JAVA_INT, 99999),
                1,
                room,
                64,
                false,
                false,
                error.address(),
                error.size()));
    }
}
