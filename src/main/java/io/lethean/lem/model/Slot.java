package io.lethean.lem.model;

/** A request that is being answered, in the sequence of its place. */
record Slot(GenerationCall call, EncodedRequest request, AnswerInProgress answer, Place place) {

    /** Whether its prompt was evaluated. */
    boolean isGenerating() {
        return place.length() >= request.prompt().length;
    }
}
