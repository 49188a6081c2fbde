package io.lethean.lem.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.GrammarException;
import io.lethean.lem.InvalidConversationException;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.ModelBusyException;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** Exceptions of LEM as the exceptions of LangChain4j that tell whether to try again. */
final class Errors {

    private Errors() {}

    static <T> T mapped(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException failed) {
            throw mapped(failed);
        }
    }

    static RuntimeException mapped(RuntimeException failed) {
        return switch (failed) {
            case UnsupportedFeatureException known -> known;
            case ModelBusyException busy -> new RateLimitException(busy.getMessage(), busy);
            case IllegalArgumentException wrong -> new InvalidRequestException(wrong.getMessage(), wrong);
            case ContextOverflowException tooLong -> new InvalidRequestException(tooLong.getMessage(), tooLong);
            case ChatTemplateException refused -> new InvalidRequestException(refused.getMessage(), refused);
            case InvalidConversationException wrong -> new InvalidRequestException(wrong.getMessage(), wrong);
            case InvalidModelException unfit -> new InvalidRequestException(unfit.getMessage(), unfit);
            case CancellationException ended -> ended;
            case GrammarException wrong -> new InvalidRequestException(wrong.getMessage(), wrong);
            default ->
                failed instanceof LangChain4jException ? failed : new LangChain4jException(failed.getMessage(), failed);
        };
    }
}
