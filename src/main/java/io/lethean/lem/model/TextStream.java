package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Piece;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The text of one generation as it grows: whole characters only, and never a part of a stop sequence.
 *
 * <p>What the listener was given, joined, is {@link #text()} at every moment.
 */
final class TextStream {

    private final List<String> stops;
    private final Consumer<String> listener;
    private final Utf8Stream utf8 = new Utf8Stream();
    private final StringBuilder text = new StringBuilder();
    /** The end of what was generated that may still turn out to begin a stop sequence. */
    private final StringBuilder held = new StringBuilder();

    private Optional<String> stopSequence = Optional.empty();

    TextStream(List<String> stops, Consumer<String> listener) {
        this.stops = stops;
        this.listener = listener;
    }

    void append(Piece piece) {
        String text = piece.text();
        add(text != null && utf8.atBoundary() ? text : utf8.append(piece.bytes()));
    }

    /** Hands out what was held back, unless a stop sequence ended the text. */
    void finish() {
        if (!stopped()) {
            add(utf8.finish());
            release(held.length());
        }
    }

    /** Whether a stop sequence has appeared; the text ends before it. */
    boolean stopped() {
        return stopSequence.isPresent();
    }

    /**
     * The stop sequence that ended the text: the one that begins first, and among those that begin at the same character the
     * first in the list.
     */
    Optional<String> stopSequence() {
        return stopSequence;
    }

    String text() {
        return text.toString();
    }

    private void add(String more) {
        if (more.isEmpty()) {
            return;
        }
        if (stops.isEmpty()) {
            emit(more);
            return;
        }
        held.append(more);
        stopSequence =
                stops.stream().filter(stop -> held.indexOf(stop) >= 0).min(Comparator.comparingInt(held::indexOf));
        release(stopSequence.map(held::indexOf).orElseGet(() -> held.length() - possibleStopLength()));
    }

    /** Length of the longest end of the held text that begins a stop sequence. */
    private int possibleStopLength() {
        String end = held.toString();
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, end.length()); length > longest; length--) {
                if (stop.startsWith(end.substring(end.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private void release(int length) {
        String certain = held.substring(0, length);
        held.delete(0, length);
        if (!certain.isEmpty()) {
            emit(certain);
        }
    }

    private void emit(String certain) {
        text.append(certain);
        listener.accept(certain);
    }
}
