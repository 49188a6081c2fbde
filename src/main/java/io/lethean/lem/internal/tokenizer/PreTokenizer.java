package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name under which llama.cpp knows how a tokenizer cuts a text into words.
 *
 * <p>llama.cpp's converter finds it by the tokens of a check text, and so is it found here, with the tokens that
 * tokenizer.json gives. Then llama.cpp itself must produce the same tokens under that name.
 */
final class PreTokenizer {

    private final TokenizerSource source;
    private final String name;
    private final @Nullable List<Integer> expected;

    private PreTokenizer(TokenizerSource source, String name, @Nullable List<Integer> expected) {
        this.source = source;
        this.name = name;
        this.expected = expected;
    }

    /** @param named the name to use, whatever the tokenizer does */
    static PreTokenizer of(TokenizerSource source, Optional<String> named) {
        return of(source, named, Optional.empty());
    }

    /** Of word pieces, which llama.cpp cuts in one way under any name. */
    static PreTokenizer ofWordPieces(TokenizerSource source, Optional<String> named) {
        return of(source, named, Optional.of("default"));
    }

    /** @param otherwise the name where the steps are known and the fingerprint is not */
    private static PreTokenizer of(TokenizerSource source, Optional<String> named, Optional<String> otherwise) {
        if (named.isPresent()) {
            return new PreTokenizer(source, named.get(), null);
        }
        Pipeline ofClass = Pipeline.ofClass(source);
        Pipeline ofFile = Pipeline.ofFile(source);
        Reading first = Reading.of(source, ofClass);
        // A vocab.txt says nothing of steps, so those of the class are all there is.
        boolean alone = source.json().rest().isEmpty() || ofClass.equals(ofFile);
        Reading chosen = first.name().isPresent() || alone ? first : Reading.of(source, ofFile);
        String found = chosen.name()
                .or(() -> chosen.problem() == null ? otherwise : Optional.empty())
                .orElseThrow(() -> unknown(source, first));
        return new PreTokenizer(source, withoutTwin(found, chosen.pipeline()), chosen.plain());
    }

    /** The check text has no combining marks, and only those tell these two apart: the pattern decides. */
    private static String withoutTwin(String name, Pipeline pipeline) {
        List<String> patterns = PatternTexts.of(pipeline.preTokenizer());
        if (name.equals("qwen2") && patterns.contains(Pipeline.QWEN35_REGEX)) {
            return "qwen35";
        }
        return name.equals("qwen35") && patterns.contains(Pipeline.QWEN2_REGEX) ? "qwen2" : name;
    }

    private static InvalidModelException unknown(TokenizerSource source, Reading reading) {
        String reason = reading.problem() == null
                ? "in a way that llama.cpp has no name for (fingerprint " + reading.fingerprint() + ")"
                : "with " + reading.problem() + ", which is not known here";
        return source.refuse(
                "pre-tokenizer",
                "cuts a text into words " + reason + "; "
                        + PatternTexts.described(reading.pipeline().preTokenizer())
                        + ". If training or saving changed the file, take tokenizer.json from the original model;"
                        + " else name the pre-tokenizer of a model with the same rule: --pre-tokenizer NAME");
    }

    String name() {
        return name;
    }

    /** Lets llama.cpp tokenize the check text under the name. */
    void prove(TokenizerMetadata metadata, PreTokenizerProof proof) throws IOException {
        int[] actual = proof.tokenize(metadata, CheckText.TEXT);
        if (expected == null) {
            return;
        }
        int[] wanted = expected.stream().mapToInt(Integer::intValue).toArray();
        int at = Arrays.mismatch(wanted, actual);
        if (at >= 0) {
            throw source.refuse(
                    "pre-tokenizer-proof",
                    "cuts a text into words in another way than llama.cpp does under the name " + name + ": of the"
                            + " check text, token " + at + " is " + at(wanted, at) + " and llama.cpp's "
                            + at(actual, at)
                            + "; " + PatternTexts.described(source.json().rest().path("pre_tokenizer"))
                            + ". To convert in spite of that, give --pre-tokenizer " + name);
        }
    }

    private static String at(int[] tokens, int index) {
        return index < tokens.length ? String.valueOf(tokens[index]) : "missing";
    }

    /**
     * The check text as a pipeline tokenizes it.
     *
     * @param problem the step that is not known, instead of tokens
     */
    private record Reading(
            Pipeline pipeline,
            List<Integer> plain,
            String fingerprint,
            @Nullable String problem) {

        static Reading of(TokenizerSource source, Pipeline pipeline) {
            try {
                HfEncoder encoder = new HfEncoder(source, pipeline);
                List<Integer> plain = encoder.plain(CheckText.TEXT);
                return new Reading(
                        pipeline, plain, Sha256.of(encoder.whole(plain).toString()), null);
            } catch (UnknownStepException e) {
                return new Reading(pipeline, List.of(), "", e.getMessage());
            } catch (BoundedPattern.TooManyStepsException | StackOverflowError e) {
                return new Reading(pipeline, List.of(), "", "a pattern that takes too many steps");
            }
        }

        Optional<String> name() {
            return PreTokenizerTable.name(fingerprint);
        }
    }
}
