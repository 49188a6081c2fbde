package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.FEED_FORWARD;
import static io.lethean.lem.convert.Dim.HIDDEN;
import static io.lethean.lem.convert.Dim.LABELS;
import static io.lethean.lem.convert.Dim.POSITIONS;
import static io.lethean.lem.convert.Dim.TOKEN_TYPES;
import static io.lethean.lem.convert.Dim.VOCABULARY;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * BERT encoders, which are used for embeddings, and cross-encoders, which score a pair of texts.
 *
 * <p>The language model head is left out, and so is the pooling layer of a model without a classifier. A classifier is
 * applied to the output of the pooling layer. llama.cpp's converter leaves the pooling layer out there, too, and does not
 * write that the model is a reranker; its files give other scores than the model in transformers.
 */
final class BertFamily implements Family {

    private static final List<String> UNUSED =
            List.of("embeddings.position_ids", "cls.predictions", "cls.seq_relationship");

    private static final String CLASSIFIER_CLASS = "BertForSequenceClassification";
    private static final String POOLER = "pooler.dense";
    private static final String CLASSIFIER = "classifier";

    private static final ModuleTable MODULES = new ModuleTable("encoder.layer.")
            .top("embeddings.word_embeddings", "token_embd", VOCABULARY, HIDDEN)
            .top("embeddings.position_embeddings", "position_embd", POSITIONS, HIDDEN)
            .topOption("embeddings.token_type_embeddings", "token_types", TOKEN_TYPES, HIDDEN)
            .top("embeddings.LayerNorm", "token_embd_norm", HIDDEN)
            .layer("attention.self.query", "attn_q", HIDDEN, HIDDEN)
            .layer("attention.self.key", "attn_k", HIDDEN, HIDDEN)
            .layer("attention.self.value", "attn_v", HIDDEN, HIDDEN)
            .layer("attention.output.dense", "attn_output", HIDDEN, HIDDEN)
            .layer("attention.output.LayerNorm", "attn_output_norm", HIDDEN)
            .layer("intermediate.dense", "ffn_up", FEED_FORWARD, HIDDEN)
            .layer("output.dense", "ffn_down", HIDDEN, FEED_FORWARD)
            .layer("output.LayerNorm", "layer_output_norm", HIDDEN)
            .topOption(POOLER, "cls", HIDDEN, HIDDEN)
            .topOption(CLASSIFIER, "cls.output", LABELS, HIDDEN);

    private static final FamilyFacts FACTS = new FamilyFacts(
            "bert", List.of("BertModel", "BertForMaskedLM", CLASSIFIER_CLASS), TokenizerFamily.BERT, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public Dimensions dimensions(ModelConfig config) {
        return Dimensions.of(config)
                .set(POSITIONS, config.required("max_position_embeddings"))
                .set(TOKEN_TYPES, config.required("type_vocab_size"))
                .set(LABELS, labels(config).size());
    }

    /** The names of the labels in the order of their numbers; transformers leaves two without names out. */
    private static List<String> labels(ModelConfig config) {
        if (!(config.find("id2label").orElse(null) instanceof Map<?, ?> names)) {
            return List.of("LABEL_0", "LABEL_1");
        }
        TreeMap<Long, String> sorted = new TreeMap<>();
        names.forEach((number, name) -> sorted.put(number(config, String.valueOf(number)), String.valueOf(name)));
        return List.copyOf(sorted.values());
    }

    private static long number(ModelConfig config, String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw new InvalidModelException(
                    "config-value",
                    "The file " + config.file() + " has the key " + key
                            + " in id2label, and a number was expected; take config.json from the original model.",
                    e);
        }
    }

    private static boolean classifies(ModelFolder folder) {
        return folder.architecture().equals(CLASSIFIER_CLASS);
    }

    @Override
    public void addOwn(Conversion conversion, List<SourceTensor> tensors) {
        for (String module : List.of(POOLER, CLASSIFIER)) {
            String name = module + ".weight";
            if (classifies(conversion.folder())
                    && tensors.stream().noneMatch(tensor -> tensor.name().equals(name))) {
                throw new InvalidModelException(
                        "checkpoint-missing",
                        "The folder " + conversion.folder().path() + " has no tensor " + name + ", which every "
                                + CLASSIFIER_CLASS
                                + " has; the download is incomplete or config.json is of another model.");
            }
        }
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        if (classifies(conversion.folder()) || !tensor.name().startsWith(POOLER)) {
            conversion.add(tensor);
        }
    }

    @Override
    public Optional<SourceTensor> select(SourceTensor tensor) {
        String name = tensor.name();
        name = name.startsWith("bert.") ? name.substring("bert.".length()) : name;
        name = renamed(renamed(name, ".gamma", ".weight"), ".beta", ".bias");
        return UNUSED.stream().anyMatch(name::startsWith) ? Optional.empty() : Optional.of(tensor.renamed(name));
    }

    private static String renamed(String name, String suffix, String other) {
        return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) + other : name;
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        DecoderValues.write(out, folder.config());
        out.flag("attention.causal", false);
        if (!classifies(folder)) {
            Pooling.write(out, folder);
            return;
        }
        List<String> labels = labels(folder.config());
        if (labels.size() == 1) {
            out.count("pooling_type", Pooling.RANK);
        }
        out.texts("classifier.output_labels", labels);
    }
}
