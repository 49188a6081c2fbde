package io.lethean.lem.cli;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.Relevance;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem rerank}: which documents answer a query best. */
@Command(
        name = "rerank",
        description = {
            "Print documents by how well they answer a query, the best first: probability, score and document.",
            "Needs a reranking model (a cross-encoder). The documents are those of --document, or else the lines of standard"
                    + " input."
        })
final class RerankCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(names = "--query", paramLabel = "TEXT", required = true, description = "The query.")
    private String query = "";

    @Option(
            names = "--document",
            paramLabel = "TEXT",
            description = "A document; repeatable. Default: the lines of standard input.")
    private List<String> documents = List.of();

    @Option(
            names = "--json",
            description =
                    "Print one JSON object per line: index of the document from 0, score, probability and document.")
    private boolean json;

    RerankCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (LemModel loaded = model.load()) {
            List<String> all = documents.isEmpty() ? TextLines.of(Answers.readPrompt(console)) : documents;
            List<Relevance> found = loaded.rerank(query, all);
            IntStream.range(0, all.size())
                    .boxed()
                    .sorted(Comparator.comparing(index -> -found.get(index).score()))
                    .forEach(index -> print(index, found.get(index), all.get(index)));
        }
        return 0;
    }

    private void print(int index, Relevance relevance, String document) {
        if (!json) {
            console.out()
                    .println(String.format(
                            Locale.ROOT, "%.4f  %9.4f  %s", relevance.probability(), relevance.score(), document));
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("index", index);
        fields.put("score", relevance.score());
        fields.put("probability", relevance.probability());
        fields.put("document", document);
        console.out().println(JsonMapper.shared().writeValueAsString(fields));
    }
}
