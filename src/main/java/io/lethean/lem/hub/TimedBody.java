package io.lethean.lem.hub;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read piece by piece. Each piece may take only a limited time; {@link java.net.http.HttpClient}
 * itself limits only the time to the headers.
 */
final class TimedBody implements HttpResponse.BodySubscriber<TimedBody>, Closeable {

    /** What the client delivers: bytes, or how the body ended. */
    private record Piece(
            List<ByteBuffer> bytes, boolean last, @Nullable Throwable failure) {}

    private static final Piece END = new Piece(List.of(), true, null);

    /** One piece is asked for at a time, so that memory holds two at most. */
    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();

    private final CompletableFuture<TimedBody> ready = CompletableFuture.completedFuture(this);
    private volatile Flow.@Nullable Subscription subscription;
    private boolean ended;

    @Override
    public CompletionStage<TimedBody> getBody() {
        return ready;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        pieces.add(new Piece(bytes, false, null));
    }

    @Override
    public void onError(Throwable failure) {
        pieces.add(new Piece(List.of(), true, failure));
    }

    @Override
    public void onComplete() {
        pieces.add(END);
    }

    /**
     * The next bytes; an empty list at the end of the body.
     *
     * @throws HttpTimeoutException if nothing arrives in time
     * @throws IOException if the connection is cut
     */
    List<ByteBuffer> next(Duration patience) throws IOException, InterruptedException {
        if (ended) {
            return List.of();
        }
        Piece piece = pieces.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (piece == null) {
            throw new HttpTimeoutException("no byte arrived for " + patience.toSeconds() + " s");
        }
        if (piece.failure() != null) {
            throw new IOException(piece.failure().getMessage(), piece.failure());
        }
        ended = piece.last();
        Flow.Subscription source = subscription;
        if (!ended && source != null) {
            source.request(1);
        }
        return piece.bytes();
    }

    /**
     * The whole body as UTF-8 text.
     *
     * @throws IOException if it is longer than the limit, arrives too slowly or is cut
     */
    String text(int limit, Duration patience) throws IOException, InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!ended) {
            for (ByteBuffer bytes : next(patience)) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                all.write(copy, 0, copy.length);
                if (all.size() > limit) {
                    throw new IOException("the answer is longer than " + limit + " bytes");
                }
            }
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Stops the transfer; the connection is closed if something was left. */
    @Override
    public void close() {
        Flow.Subscription source = subscription;
        if (source != null && !ended) {
            source.cancel();
        }
    }
}
