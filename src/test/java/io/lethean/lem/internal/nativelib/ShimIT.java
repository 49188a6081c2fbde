package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.ffi.llama_model_params;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each call here would end the JVM, by an abort, an exception or a signal, if it reached llama.cpp as it is. */
class ShimIT {

    private static final int REFUSED = LlamaCpp.LEM_STATUS_BAD_ARGUMENT();

    private Shim shim;

    @BeforeEach
    void open() {
        shim = Shim.open();
    }

    @AfterEach
    void close() {
        // Null where the fixture is absent and the test is skipped.
        if (shim != null) {
            shim.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -2_000_000_000, 512, Integer.MAX_VALUE})
    void aTokenOutsideTheVocabularyIsRefused(int token) {
        assertThat(shim.tokenToPiece(token)).isEqualTo(REFUSED);
        assertThat(shim.message()).isEqualTo("token " + token + " is outside the vocabulary of 512 tokens");
        assertThat(shim.detokenize(5, token)).isEqualTo(REFUSED);
        assertThat(shim.decode(shim.batch(token))).isEqualTo(REFUSED);
    }

    @Test
    void theMessageIsEmptyAfterACallThatWorked() {
        shim.tokenToPiece(-1);
        assertThat(shim.tokenToPiece(5)).isPositive();
        assertThat(shim.message()).isEmpty();
    }

    @Test
    void tokenizingANegativeLengthIsRefused() {
        assertThat(shim.tokenize("hello", -1, 16)).isEqualTo(REFUSED);
        assertThat(shim.tokenize("hello", 5, -1)).isEqualTo(REFUSED);
        assertThat(shim.tokenize("hello", 5, 16)).isPositive();
    }

    @Test
    void aBatchLargerThanTheContextTakesIsRefused() {
        assertThat(shim.decode(shim.batch(new int[Shim.BATCH + 1]))).isEqualTo(REFUSED);
        assertThat(shim.message()).isEqualTo("a batch of 17 tokens, and this context takes 1 to 16");
    }

    @Test
    void aBatchWithoutTokensOrWithoutSequencesIsRefused() {
        assertRefused((batch, unused) -> llama_batch.n_tokens(batch, -1));
        assertRefused((batch, unused) -> llama_batch.n_tokens(batch, 0));
        assertRefused((batch, unused) -> llama_batch.token(batch, MemorySegment.NULL));
        assertRefused((batch, unused) -> llama_batch.n_seq_id(batch, shim.arena.allocateFrom(LlamaCpp.C_INT, 0)));
        assertRefused((batch, unused) -> llama_batch.n_seq_id(batch, shim.arena.allocateFrom(LlamaCpp.C_INT, 1)));
        assertRefused((batch, unused) -> llama_batch.pos(batch, shim.arena.allocateFrom(LlamaCpp.C_INT, -5)));
        assertThat(shim.decode(shim.batch(1))).isZero();
    }

    private void assertRefused(BiConsumer<MemorySegment, Void> change) {
        MemorySegment batch = shim.batch(1);
        change.accept(batch, null);
        assertThat(shim.decode(batch)).isEqualTo(REFUSED);
        assertThat(shim.message()).isNotEmpty();
    }

    @Test
    void contextParametersThatLlamaCppAbortsOnAreRefused() {
        assertNoContext(params -> llama_context_params.n_batch(params, 0));
        assertNoContext(params -> llama_context_params.n_ubatch(params, 0));
        assertNoContext(params -> llama_context_params.type_k(params, 255));
        assertNoContext(params -> llama_context_params.type_k(params, -1));
        assertNoContext(params -> llama_context_params.type_v(params, 4));
        assertNoContext(params -> llama_context_params.pooling_type(params, 77));
        assertNoContext(params -> llama_context_params.flash_attn_type(params, 9));
        assertNoContext(params -> llama_context_params.rope_scaling_type(params, 44));
    }

    private void assertNoContext(java.util.function.Consumer<MemorySegment> change) {
        MemorySegment params = shim.contextParams();
        change.accept(params);
        assertThat(shim.initContext(params)).isEqualTo(MemorySegment.NULL);
        assertThat(shim.message()).isNotEmpty();
    }

    @Test
    void modelParametersThatLlamaCppAbortsOnAreRefused() {
        MemorySegment params = shim.modelParams();
        assertThat(shim.loadModel(MemorySegment.NULL, params)).isEqualTo(MemorySegment.NULL);
        assertThat(shim.message()).isEqualTo("no path was given");

        MemorySegment path = shim.arena.allocateFrom("nowhere.gguf");
        llama_model_params.load_mode(params, 99);
        assertThat(shim.loadModel(path, params)).isEqualTo(MemorySegment.NULL);
        assertThat(shim.message()).isEqualTo("load mode 99 is unknown");
    }

    @Test
    void samplingARowWithoutLogitsIsRefused() {
        MemorySegment chain = shim.greedyChain();
        assertThat(shim.sample(chain, MemorySegment.NULL, 0)).isEqualTo(REFUSED);
        assertThat(shim.decode(shim.batch(1, 5, 6))).isZero();
        assertThat(shim.sample(chain, MemorySegment.NULL, 0)).isEqualTo(REFUSED);
        assertThat(shim.sample(chain, MemorySegment.NULL, 99)).isEqualTo(REFUSED);
        assertThat(shim.sample(chain, MemorySegment.NULL, 2)).isBetween(0, 511);
        LlamaCpp.llama_sampler_free(chain);
    }

    @Test
    void aChainWithoutASelectorIsRefused() {
        MemorySegment chain =
                LlamaCpp.llama_sampler_chain_init(LlamaCpp.llama_sampler_chain_default_params(shim.arena));
        assertThat(shim.decode(shim.batch(1))).isZero();
        assertThat(shim.sample(chain, MemorySegment.NULL, 0)).isEqualTo(REFUSED);
        LlamaCpp.llama_sampler_chain_add(chain, LlamaCpp.llama_sampler_init_temp(0.5f));
        assertThat(shim.sample(chain, MemorySegment.NULL, 0)).isEqualTo(REFUSED);
        assertThat(shim.message()).isEqualTo("the sampler chain ends without choosing a token");
        LlamaCpp.llama_sampler_free(chain);
    }

    @Test
    void aGrammarThatFitsChoosesAmongWhatItAllows() {
        MemorySegment chain = shim.greedyChain();
        MemorySegment grammar = shim.grammar("root ::= \"the\" | \"she\"");
        assertThat(shim.decode(shim.batch(1))).isZero();

        int token = shim.sample(chain, grammar, 0);

        assertThat(token).isGreaterThanOrEqualTo(0);
        assertThat(shim.accept(grammar, token)).isZero();
        LlamaCpp.llama_sampler_free(grammar);
        LlamaCpp.llama_sampler_free(chain);
    }

    @Test
    void aGrammarThatNoTokenFitsLeavesNoCandidates() {
        MemorySegment chain = shim.greedyChain();
        // Nothing of this vocabulary begins with the code point U+10FFFF but the byte 0xF4.
        MemorySegment grammar = shim.grammar("root ::= \"\\U0010FFFF\"");
        assertThat(shim.decode(shim.batch(1))).isZero();
        while (true) {
            int token = shim.sample(chain, grammar, 0);
            if (token < 0) {
                assertThat(token).isEqualTo(LlamaCpp.LEM_STATUS_NO_CANDIDATES());
                break;
            }
            assertThat(shim.accept(grammar, token)).isZero();
            if (LlamaCpp.llama_vocab_is_eog(shim.vocab, token)) {
                break;
            }
        }
        LlamaCpp.llama_sampler_free(grammar);
        LlamaCpp.llama_sampler_free(chain);
    }

    @Test
    void acceptingWhatAGrammarForbidsIsRefusedAndTheGrammarGoesOn() {
        MemorySegment grammar = shim.grammar("root ::= \" a\" \" b\"");
        assertThat(shim.accept(grammar, shim.id("z"))).isEqualTo(REFUSED);
        assertThat(shim.message()).contains("the grammar does not allow token");
        assertThat(shim.accept(grammar, LlamaCpp.llama_vocab_eos(shim.vocab))).isEqualTo(REFUSED);
        assertThat(shim.accept(grammar, -1)).isEqualTo(REFUSED);
        assertThat(shim.accept(grammar, shim.id("a"))).isZero();
        assertThat(shim.accept(grammar, shim.id("b"))).isZero();
        assertThat(shim.accept(grammar, LlamaCpp.llama_vocab_eos(shim.vocab))).isZero();
        LlamaCpp.llama_sampler_free(grammar);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "root ::= ~ ",
                "root ::= ( \"a\" ~ line 1: a closing ) is expected",
                "root ::= \"a ~ line 1: a closing \" is expected",
                "root ::= [a ~ line 1: a closing ] is expected",
                "root = \"a\" ~ line 1: ::= is expected after the rule name root",
                "root ::= \"a\"{5,2} ~ line 1: a repetition of at least 5 and at most 2",
                "root ::= \"a\"{3000} ~ line 1: a repetition of more than 2000",
                "root ::= \"a\"{ ~ line 1: a number of repetitions is expected",
                "root ::= * ~ line 1: there is nothing to repeat",
                "root ::= other ~ the rule other is used and not defined",
                "other ::= \"a\" ~ the grammar has no rule named root",
                "root ::= root \"a\" | \"a\" ~ the rule root begins with itself",
                "root ::= \"a\"* root ~ the rule root begins with itself",
                "root ::= \"\\q\" ~ llama.cpp refused the grammar: unknown escape at \\q\"",
                "root ::= \"a\" ) ~ line 1: the rule root cannot continue with ')'",
            })
    void aGrammarThatIsNoneSaysWhereAndWhy(String gbnf, String expected) {
        MemorySegment grammar = shim.grammar(gbnf);
        if (expected == null) {
            LlamaCpp.llama_sampler_free(grammar);
            return;
        }
        assertThat(grammar).isEqualTo(MemorySegment.NULL);
        assertThat(shim.message()).isEqualTo(expected);
    }

    @Test
    void grammarsThatWouldExhaustTheStackOrTheMemoryAreRefused() {
        assertNoGrammar("root ::= " + "(".repeat(200_000) + "\"a\"" + ")".repeat(200_000), "nested deeper than 256");
        assertNoGrammar("root ::= \"" + "a".repeat(1 << 20) + "\"", "longer than 1048576 bytes");
        assertNoGrammar("root ::= \"" + "a".repeat(100_000) + "\"{2000}", "grows past");
        StringBuilder chain = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            chain.append('r').append(i).append(" ::= r").append(i + 1).append('\n');
        }
        assertNoGrammar("root ::= r0\n" + chain + "r30000 ::= \"a\"\n", "too many ways");
    }

    @Test
    void aGrammarOfExponentialBeginningsIsRefused() {
        StringBuilder doubling = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 40; i++) {
            doubling.append('r')
                    .append(i)
                    .append(" ::= r")
                    .append(i + 1)
                    .append(" \"a\" | r")
                    .append(i + 1)
                    .append(" \"b\"\n");
        }
        assertNoGrammar(doubling + "r40 ::= \"c\"\n", "can begin in too many ways");
    }

    private void assertNoGrammar(String gbnf, String expected) {
        assertThat(shim.grammar(gbnf)).isEqualTo(MemorySegment.NULL);
        assertThat(shim.message()).contains(expected);
    }

    @Test
    void grammarsAsLlamaCppShipsThemAreAccepted() {
        String json = """
                # a comment
                root   ::= object
                value  ::= object | array | string | number | ("true" | "false" | "null") ws

                object ::=
                  "{" ws (
                            string ":" ws value
                    ("," ws string ":" ws value)*
                  )? "}" ws

                array  ::= "[" ws ( value ("," ws value)* )? "]" ws
                string ::= "\\"" ( [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\\"" ws
                number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
                ws ::= | " " | "\\n" [ \\t]{0,20}
                """;
        MemorySegment grammar = shim.grammar(json);
        assertThat(shim.message()).isEmpty();
        assertThat(grammar).isNotEqualTo(MemorySegment.NULL);
        LlamaCpp.llama_sampler_free(grammar);
    }
}
