package io.lethean.lem.junit;

import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Runs the method of a {@link LemTest}, then asks, scores and compares. */
final class LemTestExtension implements ParameterResolver, InvocationInterceptor {

    private static final Namespace NAMESPACE = Namespace.create(LemTestExtension.class);

    LemTestExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Candidate.class
                && context.getTestMethod().isPresent();
    }

    @Override
    public Candidate resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return candidate(context);
    }

    /** The candidate of a test, made from the annotation when it is first needed. */
    private static Candidate candidate(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        Candidate.class, type -> declared(annotation(context), files(context)), Candidate.class);
    }

    private static LemTest annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), LemTest.class)
                .orElseThrow(() -> new ExtensionConfigurationException(
                        context.getRequiredTestMethod() + " has no annotation @LemTest."));
    }

    private static TestFiles files(ExtensionContext context) {
        return TestFiles.of(
                context.getRequiredTestClass(),
                context.getRequiredTestMethod(),
                annotation(context),
                new Settings(context));
    }

    private static Candidate declared(LemTest test, TestFiles files) {
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(test.maxTokens()).build();
        Candidate candidate = new Candidate(options, test.samples(), test.scorer());
        int sources = (test.probes().isEmpty() ? 0 : 1)
                + (test.questions().isEmpty() ? 0 : 1)
                + (test.prompts().length == 0 ? 0 : 1);
        if (sources > 1) {
            throw new ExtensionConfigurationException(
                    "@LemTest has more than one of 'probes', 'questions' and 'prompts'; keep one of them.");
        }
        try {
            if (!test.probes().isEmpty()) {
                candidate.probes(files.named(test.probes()));
            }
            if (!test.questions().isEmpty()) {
                candidate.questions(files.named(test.questions()));
            }
            if (test.prompts().length > 0) {
                candidate.prompts(test.prompts());
            }
            if (!test.kernel().isEmpty()) {
                candidate.kernel(files.named(test.kernel()));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(
                    "A file that @LemTest names cannot be read: " + unreadable.getMessage(), unreadable);
        }
        return candidate;
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        invocation.proceed();
        new LemTestRun(context, annotation(context), files(context), candidate(context)).run();
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context) {
        invocation.skip();
        throw new ExtensionConfigurationException(
                "@LemTest cannot be combined with @ParameterizedTest, @RepeatedTest or"
                        + " another test template: all invocations would have one record. Write a method for each.");
    }
}
