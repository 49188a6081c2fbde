package io.lethean.lem.model;

import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.internal.tools.AnswerReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells words, thoughts and calls of tools apart in the answers to one prompt. Made by {@link
 * LemModel#answerParser(GenerationRequest.Chat)}; any number of threads may use one.
 *
 * <p>A call to which the model gives no id gets one of 9 letters and digits, as Mistral's templates demand it. It depends on
 * the prompt, the call and its place alone.
 */
public final class AnswerParser {

    private static final int ID_LENGTH = 9;

    private final AnswerReader reader;
    private final String prompt;
    private final int mostCalls;

    /**
     * @param prompt the rendered text
     * @param mostCalls further calls are left out
     */
    AnswerParser(AnswerReader reader, String prompt, int mostCalls) {
        this.reader = reader;
        this.prompt = Sha256.of(prompt);
        this.mostCalls = mostCalls;
    }

    /**
     * {@return the parts of an answer that has ended}
     *
     * @param generation what was generated
     */
    public ChatAnswer parse(Generation generation) {
        return new ChatAnswer(parts(reader.read(generation.text()), 0), generation);
    }

    /**
     * {@return the parts of the beginning of an answer} Content and thinking begin the content and thinking of every
     * longer beginning and of the whole answer, and calls are its first calls. It reads all of the text; {@link
     * #stream()} reads on from where it was.
     *
     * @param text all that the listener was given so far, joined
     */
    public AnswerParts parseSoFar(String text) {
        return parts(reader.readSoFar(text), 0);
    }

    /**
     * Reads one answer piece by piece: what its parts have in addition, joined, is what {@link #parse} gives.
     *
     * @return the reader
     */
    public AnswerStream stream() {
        return new AnswerStream(this, reader.scan());
    }

    /** @param before how many calls came before */
    AnswerParts parts(AnswerReader.Reading reading, int before) {
        List<ToolCall> calls = new ArrayList<>();
        for (ToolCall call : reading.calls()) {
            int index = before + calls.size();
            if (index == mostCalls) {
                break;
            }
            String id = call.id().isEmpty() ? id(call, index) : call.id();
            calls.add(new ToolCall(id, call.name(), call.arguments()));
        }
        return new AnswerParts(reading.content(), reading.thinking(), calls, reading.malformed());
    }

    private String id(ToolCall call, int index) {
        String sum = Sha256.of(prompt + '\n' + index + '\n' + call.name() + '\n' + call.arguments());
        String digits = new BigInteger(sum, 16).toString(Character.MAX_RADIX);
        return "0".repeat(Math.max(0, ID_LENGTH - digits.length()))
                + digits.substring(Math.max(0, digits.length() - ID_LENGTH));
    }
}
