package io.lethean.lem.cli;

import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.Pooling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem embed}: embeddings of texts. */
@Command(
        name = "embed",
        description = {
            "Print the embedding of each text: one line per text, a JSON array of numbers.",
            "The texts are those of --text, or else the lines of standard input."
        })
final class EmbedCommand implements Callable<Integer> {

    /** Few enough that the first lines come early, and that a long input does not fill the memory. */
    private static final int TEXTS_AT_ONCE = 256;

    private final Console console;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description = "A text to embed; repeatable. Default: the lines of standard input.")
    private List<String> texts = List.of();

    @Option(
            names = "--pooling",
            paramLabel = "KIND",
            description =
                    "How the embeddings of the tokens become one: ${COMPLETION-CANDIDATES}. Default: what the model's file"
                            + " says.")
    private @Nullable Pooling pooling;

    @Option(
            names = "--no-normalize",
            description = "Print embeddings as the model computes them, instead of dividing each by its length.")
    private boolean unnormalized;

    @Option(names = "--json", description = "Print one JSON object per line, with the text and its embedding.")
    private boolean json;

    EmbedCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        EmbeddingOptions options = EmbeddingOptions.defaults().withNormalized(!unnormalized);
        EmbeddingOptions wanted = pooling == null ? options : options.withPooling(pooling);
        try (LemModel loaded = model.load()) {
            List<String> all = texts.isEmpty() ? TextLines.of(Answers.readPrompt(console)) : texts;
            for (int from = 0; from < all.size(); from += TEXTS_AT_ONCE) {
                List<String> some = all.subList(from, Math.min(all.size(), from + TEXTS_AT_ONCE));
                print(some, loaded.embed(some, wanted));
            }
        }
        return 0;
    }

    private void print(List<String> some, List<float[]> embeddings) {
        for (int i = 0; i < some.size(); i++) {
            List<Float> values = new ArrayList<>();
            for (float value : embeddings.get(i)) {
                values.add(value);
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("text", some.get(i));
            fields.put("embedding", values);
            console.out().println(JsonMapper.shared().writeValueAsString(json ? fields : values));
        }
        console.out().flush();
    }
}
