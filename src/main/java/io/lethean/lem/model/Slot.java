package io.lethean.lem.model;

/** A request that is being answered, in the sequence of its place. */
record Slot(GenerationCall call, EncodedRequest request, AnswerInProgress answer, Place place) {

    /** Whether its prompt was evaluated. */
    boolean isGenerating() {
        return place.length() >= request.prompt().length;
    }

    /** The token that was chosen last, which the next step evaluates. */
    Steps.Row nextRow() {
        return new Steps.Row(place, answer.token(), place.length());
    }
}
