package io.lethean.lem.evaluation.run;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.model.Generation;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * An answer as a run records it.
 *
 * @param text the answer, exactly as generated
 * @param seconds from the question to its end
 * @param finishReason such as {@code length}, in lower case; {@code error} if the model could not be asked
 * @param promptTokens tokens of the prompt
 * @param generatedTokens tokens that were generated
 * @param specialTokensOnly whether all of them were special tokens
 * @param time when it was recorded
 * @param machine what computed it; empty for an answer that llama.cpp did not compute
 */
public record RecordedAnswer(
        String text,
        double seconds,
        String finishReason,
        long promptTokens,
        long generatedTokens,
        boolean specialTokensOnly,
        String time,
        Optional<Machine> machine) {

    private static final String ERROR = "error";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx", Locale.ROOT);

    /**
     * {@return the answer of a model in this process, which ends now}
     *
     * @param generation what the model generated
     * @param seconds how long it took
     */
    public static RecordedAnswer of(Generation generation, double seconds) {
        return new RecordedAnswer(
                generation.text(),
                seconds,
                generation.finishReason().name().toLowerCase(Locale.ROOT),
                generation.promptTokens(),
                generation.generatedTokens(),
                generation.specialTokensOnly(),
                now(),
                Optional.empty());
    }

    /**
     * {@return a question that the model cannot be given, in the published form: a text that begins with {@code ERROR}}
     *
     * @param tooLong why
     */
    public static RecordedAnswer failed(ContextOverflowException tooLong) {
        return new RecordedAnswer(
                "ERROR: " + tooLong.getMessage(), 0, ERROR, tooLong.promptTokens(), 0, false, now(), Optional.empty());
    }

    /**
     * {@return this answer, computed by a machine}
     *
     * @param by the machine
     */
    public RecordedAnswer withMachine(Machine by) {
        return new RecordedAnswer(
                text, seconds, finishReason, promptTokens, generatedTokens, specialTokensOnly, time, Optional.of(by));
    }

    /**
     * {@return this answer with another text}
     *
     * @param other the text
     */
    public RecordedAnswer withText(String other) {
        return new RecordedAnswer(
                other, seconds, finishReason, promptTokens, generatedTokens, specialTokensOnly, time, machine);
    }

    /** {@return whether the model could not be asked, and the text says why} */
    public boolean isError() {
        return finishReason.equals(ERROR);
    }

    /** {@return now, as it is recorded} */
    public static String now() {
        return OffsetDateTime.now(ZoneOffset.UTC).format(TIME);
    }
}
