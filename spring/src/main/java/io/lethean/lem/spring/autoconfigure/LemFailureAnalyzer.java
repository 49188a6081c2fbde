package io.lethean.lem.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells in sentences why the application does not start, in place of a stack trace. */
final class LemFailureAnalyzer extends AbstractFailureAnalyzer<LemStartupException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, LemStartupException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
