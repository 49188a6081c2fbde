package io.lethean.lem.server.internal.api;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.GrammarException;
import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.LemException;
import io.lethean.lem.ModelBusyException;
import io.lethean.lem.server.internal.http.ApiError;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** What the library throws, as what clients are told. */
final class LibraryErrors {

    private static final System.Logger LOG = System.getLogger("io.lethean.lem.server");
    private static final int RETRY_SECONDS = 2;

    private LibraryErrors() {}

    /** Runs work of the library. */
    static <T> T told(ServedModel served, Supplier<T> work) {
        try {
            return work.get();
        } catch (ApiError known) {
            throw known;
        } catch (RuntimeException failed) {
            throw of(served, failed);
        }
    }

    static ApiError of(ServedModel served, Throwable failed) {
        return switch (failed) {
            case ApiError known -> known;
            case ModelBusyException busy ->
                ApiError.busy("The model has as many calls to answer as it takes. Ask again later.", RETRY_SECONDS);
            case ContextOverflowException overflow ->
                ApiError.invalid(null, "context_length_exceeded", sentence(served, overflow));
            case GrammarException grammar -> ApiError.invalid(null, "unsupported_schema", sentence(served, grammar));
            case ChatTemplateException template ->
                ApiError.invalid("messages", "chat_template", sentence(served, template));
            case InvalidModelException other ->
                ApiError.invalid("model", "unsupported_by_model", sentence(served, other));
            case InsufficientMemoryException memory ->
                ApiError.unavailable("There is not enough memory for this request.");
            case IllegalArgumentException wrong -> ApiError.invalid(null, sentence(served, wrong));
            case CancellationException cancelled ->
                ApiError.unavailable("The request was ended before its answer was.");
            case IllegalStateException closed when served.model().isClosed() -> stopping();
            case LemException broken -> logged(broken, "The model failed to answer; the server's log says why.");
            default -> logged(failed, "The server failed to answer this request; its log says why.");
        };
    }

    static ApiError stopping() {
        return ApiError.unavailable("The server is being stopped.");
    }

    private static ApiError logged(Throwable failed, String sentence) {
        LOG.log(Level.WARNING, "A request failed.", failed);
        return ApiError.internal(sentence);
    }

    private static String sentence(ServedModel served, RuntimeException failed) {
        String message = failed.getMessage();
        return message == null ? "The request cannot be served." : served.publicText(message);
    }
}
