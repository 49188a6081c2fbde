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

    /** @param prompt the rendered text */
    AnswerParser(AnswerReader reader, String prompt) {
        this.reader = reader;
        this.prompt = Sha256.of(prompt);
    }

    /** The parts of an answer that has ended. */
    public ChatAnswer parse(Generation generation) {
        return new ChatAnswer(parts(reader.read(generation.text())), generation);
    }

    /**
     * The parts of the beginning of an answer. Content and thinking begin the content and thinking of every longer beginning
     * and of the whole answer, and calls are its first calls, so that a stream can hand out what is new.
     *
     * @param text all that the listener was given so far, joined
     */
    public AnswerParts parseSoFar(String text) {
        return parts(reader.readSoFar(text));
    }

    private AnswerParts parts(AnswerReader.Reading reading) {
        List<ToolCall> calls = new ArrayList<>();
        for (ToolCall call : reading.calls()) {
            String id = call.id().isEmpty() ? id(call, calls.size()) : call.id();
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
