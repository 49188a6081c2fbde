package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Jinja template, read once and rendered any number of times.
 *
 * <p>Immutable, so any thread may render it. Rendering runs on the caller's stack and takes at most 384 KiB of it under
 * {@link Limits#defaults()}.
 */
public final class Template {

    private final List<Statement> statements;

    private Template(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Reads a template.
     *
     * @throws ChatTemplateException if it is not a template, or exceeds the allowed source length or nesting
     */
    public static Template parse(String source, Limits limits) {
        if (source.length() > limits.sourceLength()) {
            throw new ChatTemplateException("The chat template has " + source.length() + " characters, and at most "
                    + limits.sourceLength() + " are read.");
        }
        try {
            return new Template(Parser.parse(source, limits));
        } catch (TemplateError e) {
            throw e.toPublic();
        } catch (StackOverflowError e) {
            throw stackTooSmall().toPublic();
        }
    }

    /** The limits make sure of a stack of 512 KiB; a caller may have left less. */
    private static TemplateError stackTooSmall() {
        return TemplateError.limit(0, "it takes more stack than the calling thread has left");
    }

    /** Reads a template within {@link Limits#defaults()}. */
    public static Template parse(String source) {
        return parse(source, Limits.defaults());
    }

    /**
     * Renders the template.
     *
     * @param context variables: null, strings, booleans, integers, floats, lists and maps with string keys of these;
     *     all are copied, so the template changes none
     * @param limits what the template may use
     * @param clock the time and zone of {@code strftime_now}
     * @throws ChatTemplateException if the template raises an exception (its message is part of this one's), does what
     *     has no result, or exceeds a limit; the message names the line
     * @throws IllegalArgumentException if the context holds an object of another type
     */
    public String render(Map<String, ? extends @Nullable Object> context, Limits limits, Clock clock) {
        try {
            return tryRender(context, limits, clock);
        } catch (TemplateError e) {
            throw e.toPublic();
        }
    }

    /** Renders with the computer's time and zone. */
    public String render(Map<String, ? extends @Nullable Object> context, Limits limits) {
        return render(context, limits, Clock.systemDefaultZone());
    }

    /** Renders as {@link #render} does, but throws the internal exception with its {@link TemplateError#kind kind}. */
    String tryRender(Map<String, ? extends @Nullable Object> context, Limits limits, Clock clock) {
        Meter meter = new Meter(limits);
        Scope scope = new Scope(Globals.scope(clock));
        context.forEach((name, value) -> scope.set(name, ContextValues.of(value)));
        try {
            return Executor.run(statements, scope, meter);
        } catch (TemplateError e) {
            throw e.at(meter.line());
        } catch (StackOverflowError e) {
            throw stackTooSmall().at(meter.line());
        }
    }
}
