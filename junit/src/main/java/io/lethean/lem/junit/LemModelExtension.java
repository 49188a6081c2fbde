package io.lethean.lem.junit;

import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests their model, and aborts or fails them before they start if it does not exist. */
final class LemModelExtension implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {

    LemModelExtension() {}

    /** JUnit reports what a parameter resolver throws as a failure, so a missing model is noticed here. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (SharedModel.annotation(context).isPresent()) {
            SharedModel.of(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        if (SharedModel.annotation(context).isPresent() || takesModel(context.getTestMethod())) {
            SharedModel.of(context);
        }
    }

    private static boolean takesModel(Optional<Method> method) {
        return method.stream().flatMap(m -> Stream.of(m.getParameterTypes())).anyMatch(type -> type == LemModel.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LemModel.class;
    }

    @Override
    public LemModel resolveParameter(ParameterContext parameter, ExtensionContext context) {
        try {
            return SharedModel.of(context).model();
        } catch (IOException failed) {
            throw new ParameterResolutionException(
                    "The model of this test cannot be loaded: " + failed.getMessage(), failed);
        }
    }
}
