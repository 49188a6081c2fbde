package io.lethean.lem.model;

import io.lethean.lem.internal.tools.AnswerReader.Reading;
import io.lethean.lem.internal.tools.AnswerScan;

/**
 * One answer as it grows, in a time that is proportional to its length. Made by {@link AnswerParser#stream()}; for one thread.
 */
public final class AnswerStream {

    private final AnswerParser parser;
    private final AnswerScan scan;
    private int calls;

    AnswerStream(AnswerParser parser, AnswerScan scan) {
        this.parser = parser;
        this.scan = scan;
    }

    /**
     * Adds what a listener was given; what is new in words, thoughts and calls. What may still become part of a tag or
     * a call is left for later. A long call may come a little after its end, by an eighth of its length at most.
     *
     * @param piece what the listener was given, in the order of the calls
     * @return what is new
     */
    public AnswerParts add(String piece) {
        return parts(scan.add(piece));
    }

    /**
     * Ends the answer; what is new.
     *
     * @return what is new
     */
    public AnswerParts finish() {
        return parts(scan.finish());
    }

    private AnswerParts parts(Reading reading) {
        AnswerParts parts = parser.parts(reading, calls);
        calls += reading.calls().size();
        return parts;
    }
}
