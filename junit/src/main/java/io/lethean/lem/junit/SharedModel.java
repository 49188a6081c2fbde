package io.lethean.lem.junit;

import io.lethean.lem.HubException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.judge.LocalJudge;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.ModelName;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.hub.Hub;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * A model that all tests of a run share: loaded when a test first needs it, closed by JUnit at the end of the run.
 *
 * <p>Safe for use by several threads.
 */
final class SharedModel implements AutoCloseable {

    private static final Namespace NAMESPACE = Namespace.create(SharedModel.class);

    private final Key key;
    private @Nullable ModelIdentity identity;
    private @Nullable LemModel model;

    /** What decides whether two tests have the same model. */
    private record Key(Path file, List<String> adapters, int contextTokens, int parallel, int threads, String device) {

        ModelOptions options() {
            return ModelOptions.builder()
                    .contextTokens(contextTokens)
                    .parallel(parallel)
                    .threads(threads)
                    .device(device)
                    .build();
        }
    }

    private SharedModel(Key key) {
        this.key = key;
    }

    /** The annotation that applies to a test or a class. */
    static Optional<LemModelFile> annotation(ExtensionContext context) {
        return context.getTestMethod()
                .flatMap(method -> AnnotationSupport.findAnnotation(method, LemModelFile.class))
                .or(() -> context.getTestClass()
                        .flatMap(type -> AnnotationSupport.findAnnotation(
                                type, LemModelFile.class, context.getEnclosingTestClasses())));
    }

    /**
     * The model of a test; without an annotation the one that the configuration names.
     *
     * @throws org.opentest4j.TestAbortedException if it does not exist, or a failure if the configuration says so
     */
    static SharedModel of(ExtensionContext context) throws IOException {
        Settings settings = new Settings(context);
        Optional<LemModelFile> annotation = annotation(context);
        String value = annotation.map(LemModelFile::value).orElse("");
        String named = value.isEmpty() ? settings.model() : value;
        if (named.isEmpty()) {
            throw settings.missingModel(
                    "The test names no model. Annotate it with @LemModelFile(\"model.gguf\"), or set the"
                            + " configuration parameter " + Settings.MODEL + ".");
        }
        Path file = existing(named, settings);
        return shared(
                context,
                annotation
                        .map(a -> new Key(
                                file, List.of(a.adapters()), a.contextTokens(), a.parallel(), a.threads(), a.device()))
                        .orElseGet(() -> new Key(file, List.of(), 0, 1, 0, "auto")));
    }

    /** The model of a judge in this process. */
    static SharedModel ofJudge(ExtensionContext context, String named) throws IOException {
        Path file = existing(named, new Settings(context));
        return shared(context, new Key(file, List.of(), LocalJudge.CONTEXT_TOKENS, 1, 0, "auto"));
    }

    private static Path existing(String named, Settings settings) throws IOException {
        Path file;
        try {
            file = Hub.locateModel(named);
        } catch (HubException missing) {
            throw settings.missingModel("The model " + named + " cannot be had: " + missing.getMessage());
        }
        if (!Files.exists(file)) {
            throw settings.missingModel("The model " + file.toAbsolutePath() + " does not exist.");
        }
        return file.toRealPath();
    }

    private static SharedModel shared(ExtensionContext context, Key key) {
        return context.getRoot().getStore(NAMESPACE).computeIfAbsent(key, SharedModel::new, SharedModel.class);
    }

    /** The file. */
    Path file() {
        return key.file();
    }

    /** What identifies the model in records: its content, and its name without folders. */
    synchronized ModelIdentity identity() throws IOException {
        if (identity == null) {
            ModelIdentity read = named().identity();
            identity = new ModelIdentity(
                    ModelName.shown(read.name()), read.sha256(), read.engine(), read.adapters(), read.parallel());
        }
        return identity;
    }

    /** The loaded model; JUnit closes it. */
    synchronized LemModel model() throws IOException {
        if (model == null) {
            model = named().load();
        }
        return model;
    }

    private NamedModel named() throws IOException {
        List<AdapterUse> adapters = new ArrayList<>();
        for (String adapter : key.adapters()) {
            adapters.add(AdapterUse.of(adapter));
        }
        return NamedModel.of(key.file(), adapters, key.options());
    }

    @Override
    public synchronized void close() {
        if (model != null) {
            model.close();
        }
    }
}
