package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.GrammarException;
import io.lethean.lem.Message;
import io.lethean.lem.ModelBusyException;
import io.lethean.lem.adapter.AdapterUse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One of the threads of a {@link Soak}: makes random requests and checks that each ends as it must. */
final class SoakCaller {

    private static final String SCHEMA = "{\"type\": \"object\", \"properties\": {\"kind\": {\"type\": \"boolean\"}},"
            + " \"required\": [\"kind\"]}";
    private static final String BAD_SCHEMA = "{\"type\": \"kindness\"}";
    private static final int MOST_MICROSECONDS = 20_000;

    /** About twice the time that a request takes, so that a caller does not spend its requests on refusals. */
    private static final int MOST_MILLIS_BEFORE_ANOTHER = 400;

    /** What a listener throws here, so that it is known again. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private interface Request {
        String run() throws Exception;
    }

    private record Kind(String name, Request request) {}

    private final LemModel model;
    private final Path saved;
    private final List<Path> adapters;
    private final SoakCounts counts;
    private final SplittableRandom random;
    private final List<Kind> kinds;
    private @Nullable Conversation conversation;

    SoakCaller(LemModel model, Path folder, List<Path> adapters, SoakCounts counts, long seed) {
        this.model = model;
        this.saved = folder.resolve("conversation-" + seed + ".lem");
        this.adapters = adapters;
        this.counts = counts;
        this.random = new SplittableRandom(seed);
        this.kinds = List.of(
                new Kind("generate", this::generate),
                new Kind("generate", this::generate),
                new Kind("cancelled by another thread", this::cancelled),
                new Kind("interrupted", this::interrupted),
                new Kind("listener throws", this::listenerThrows),
                new Kind("client disconnects", this::disconnected),
                new Kind("prompt too long", this::tooLong),
                new Kind("bad schema", this::badSchema),
                new Kind("schema", this::schema),
                new Kind("time limit", this::timeLimit),
                new Kind("conversation", this::conversation),
                new Kind("conversation", this::conversation),
                new Kind("saved conversation", this::savedConversation),
                new Kind("embed", this::embed),
                new Kind("likelihoods", this::likelihoods),
                new Kind("logits", this::logits),
                new Kind("batch", this::batch),
                new Kind("adapters", this::adapters));
    }

    /** Makes so many requests. */
    void call(int requests) {
        for (int i = 0; i < requests; i++) {
            Kind kind = kinds.get(random.nextInt(kinds.size()));
            try {
                counts.ended(kind.name(), kind.request().run());
            } catch (ModelBusyException busy) {
                counts.ended(kind.name(), "refused, the model is busy");
                pause();
            } catch (Throwable unexpected) {
                StringWriter trace = new StringWriter();
                unexpected.printStackTrace(new PrintWriter(trace));
                counts.fault(kind.name() + ": " + trace);
                counts.ended(kind.name(), "fault");
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(random.nextInt(MOST_MILLIS_BEFORE_ANOTHER));
        } catch (InterruptedException early) {
            Thread.currentThread().interrupt();
        }
    }

    private String text() {
        String common = random.nextBoolean() ? "You are kind, you are brief, and you tell the truth. ".repeat(3) : "";
        return common + "Question " + random.nextInt(50) + ": what is fair? ".repeat(random.nextInt(1, 4));
    }

    private GenerationOptions.Builder options() {
        GenerationOptions.Builder options = GenerationOptions.builder().maxTokens(random.nextInt(1, 48));
        if (random.nextBoolean()) {
            options.temperature(0.9).seed(random.nextInt(100)).topK(40).repeatPenalty(1.1);
        }
        if (random.nextInt(8) == 0) {
            options.logprobs(2);
        }
        if (random.nextInt(6) == 0) {
            options.adapters(List.of(new AdapterUse(adapters.get(random.nextInt(adapters.size())), 0.5f)));
        }
        return options;
    }

    private String generate() {
        return reason(model.generate(text(), options().build()));
    }

    private static String reason(Generation generation) {
        return generation.finishReason().toString();
    }

    /** Runs an action in another thread after a while that ends at any moment of a short request. */
    private Thread soon(Runnable action) {
        int nanos = random.nextInt(MOST_MICROSECONDS) * 1000;
        return Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(Duration.ofNanos(nanos));
                action.run();
            } catch (InterruptedException early) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private String cancelled() {
        Cancellation cancellation = new Cancellation();
        soon(cancellation::cancel);
        return reason(model.chat(List.of(Message.user(text())), options().build(), piece -> {}, cancellation));
    }

    private String interrupted() throws InterruptedException {
        Thread self = Thread.currentThread();
        Thread other = soon(self::interrupt);
        try {
            return random.nextBoolean()
                    ? reason(model.generate(text(), options().build()))
                    : "likelihoods of "
                            + model.logLikelihood(text(), List.of(" yes", " no"))
                                    .size();
        } catch (CancellationException given) {
            return "CancellationException";
        } finally {
            joinThoughInterrupted(other);
        }
    }

    private static void joinThoughInterrupted(Thread other) throws InterruptedException {
        try {
            other.join();
        } catch (InterruptedException itself) {
            other.join();
        }
        Thread.interrupted();
    }

    private String listenerThrows() {
        return ended(new Stop());
    }

    private String disconnected() {
        return ended(new UncheckedIOException(new IOException("Broken pipe")));
    }

    private String ended(RuntimeException thrown) {
        int[] left = {random.nextInt(6)};
        Consumer<String> listener = piece -> {
            if (left[0]-- == 0) {
                throw thrown;
            }
        };
        try {
            return "ended before, " + reason(model.generate(text(), options().build(), listener));
        } catch (Stop | UncheckedIOException received) {
            if (received != thrown) {
                throw new AssertionError("another exception than that of the listener", received);
            }
            return "thrown to the caller";
        }
    }

    private String tooLong() {
        try {
            return "answered "
                    + model.generate("abc ".repeat(Soak.CONTEXT), options().build());
        } catch (ContextOverflowException expected) {
            return "refused";
        }
    }

    private String badSchema() {
        try {
            return "answered "
                    + model.generate(text(), options().jsonSchema(BAD_SCHEMA).build());
        } catch (GrammarException expected) {
            return "refused";
        }
    }

    private String schema() {
        Generation answer = model.generate(text(), options().jsonSchema(SCHEMA).build());
        if (!answer.text().isEmpty() && !answer.text().stripLeading().startsWith("{")) {
            throw new AssertionError("The schema does not allow " + answer.text());
        }
        return reason(answer);
    }

    private String timeLimit() {
        Duration limit = Duration.ofNanos(random.nextInt(1, MOST_MICROSECONDS) * 1000L);
        return reason(model.generate(text(), options().timeLimit(limit).build()));
    }

    private String conversation() {
        Conversation now = conversation;
        if (now == null || random.nextInt(10) == 0) {
            now = model.conversation(List.of(Message.system("Be kind.")), WhenFull.DROP_OLDEST);
        } else if (random.nextInt(4) == 0) {
            now = now.fork();
        }
        conversation = now;
        List<Message> before = now.messages();
        try {
            return turn(now);
        } catch (ModelBusyException busy) {
            if (!now.messages().equals(before)) {
                throw new AssertionError("A refused turn changed the conversation to " + now.messages(), busy);
            }
            throw busy;
        }
    }

    private String turn(Conversation now) {
        boolean asked = now.messages().size() > 1;
        if (asked && random.nextInt(4) == 0) {
            now.undo();
            return "undone";
        }
        if (asked && random.nextInt(4) == 0) {
            return "again, "
                    + reason(now.regenerate(options().build(), piece -> {}, new Cancellation())
                            .generation());
        }
        return reason(now.send("What is fair?", options().build()).generation());
    }

    private String savedConversation() throws IOException {
        Conversation first = model.conversation("Be kind.");
        first.send(text(), options().build());
        first.save(saved);
        try {
            return reason(model.loadConversation(saved)
                    .send("Why?", options().build())
                    .generation());
        } catch (io.lethean.lem.InvalidConversationException changed) {
            return "refused, the adapters were replaced";
        } finally {
            Files.delete(saved);
        }
    }

    private String embed() {
        EmbeddingOptions options = EmbeddingOptions.defaults().withPooling(Pooling.MEAN);
        return model.embed(List.of(text(), text()), options).size() + " embeddings";
    }

    private String likelihoods() {
        return model.logLikelihood(text(), List.of(" yes", " no", " perhaps not"))
                        .size() + " likelihoods";
    }

    private String logits() {
        return model.logits(model.tokenize(text())).length + " logits";
    }

    private String batch() {
        List<List<Message>> chats = new ArrayList<>();
        for (int i = random.nextInt(1, 7); i > 0; i--) {
            chats.add(List.of(Message.user(text())));
        }
        model.chatAll(chats, options().build()).forEach(GenerationOutcome::orThrow);
        return "answered";
    }

    private String adapters() throws IOException {
        int choice = random.nextInt(adapters.size() + 1);
        model.setAdapters(choice == adapters.size() ? List.of() : List.of(new AdapterUse(adapters.get(choice), 0.5f)));
        return choice == adapters.size() ? "removed" : "set";
    }
}
