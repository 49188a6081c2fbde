package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Checkpoint;
import io.lethean.lem.internal.checkpoint.MlxTensors;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.tokenizer.HfTokenizer;
import io.lethean.lem.internal.tokenizer.TokenizerMetadata;
import io.lethean.lem.internal.tokenizer.TokenizerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One conversion from an open checkpoint to a file. */
final class ConversionRun {

    /** The version of the block formats that the pinned release writes. */
    private static final int QUANTIZATION_VERSION = 2;

    /** Of a model with experts in MXFP4, as numbered in llama.h. */
    private static final int MXFP4_FILE_TYPE = 38;

    private final ConvertOptions options;
    private final ModelFolder folder;
    private final Family family;
    private final List<SourceTensor> tensors = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    ConversionRun(ConvertOptions options, ModelFolder folder, Family family, Checkpoint checkpoint) {
        this.options = options;
        this.folder = folder;
        this.family = family;
        int left = 0;
        List<SourceTensor> found = checkpoint.tensors();
        for (SourceTensor tensor : MlxTensors.quantization(folder)
                .map(mlx -> MlxTensors.joined(mlx, found))
                .orElse(found)) {
            family.select(tensor).ifPresent(tensors::add);
            left += TextTensors.isOther(tensor.name()) ? 1 : 0;
        }
        if (left > 0) {
            notes.add(left + " tensors for images or sound are left out; the file is the text part of the model.");
        }
    }

    ConvertReport run() throws IOException {
        OutputType output = OutputType.named(options.type()).orElseGet(this::widest);
        TokenizerMetadata tokenizer = tokenizer();
        TensorPlan plan = plan(output, tokenizer);
        GgufWriter writer = metadata(output, plan, tokenizer);
        write(writer, plan);
        Map<String, Integer> counts = new TreeMap<>();
        plan.tensors().forEach(tensor -> counts.merge(tensor.type().ggmlName(), 1, Integer::sum));
        return new ConvertReport(
                family.id(),
                output.type().ggmlName(),
                counts,
                SizeLabel.parameters(plan.tensors()),
                Files.size(options.output()),
                notes);
    }

    /** The 16-bit type of the first matrix that has one; F16 if all are wider. */
    private OutputType widest() {
        for (SourceTensor tensor : tensors) {
            GgmlType type = tensor.rows().type();
            if (tensor.shape().size() > 1 && (type == GgmlType.BF16 || type == GgmlType.F16)) {
                return type == GgmlType.BF16 ? OutputType.BF16 : OutputType.F16;
            }
        }
        return OutputType.F16;
    }

    private TensorPlan plan(OutputType output, TokenizerMetadata tokenizer) throws IOException {
        TensorPlan plan = new TensorPlan(output);
        Conversion conversion = new Conversion(family, folder, plan, EmbeddingRows.of(folder, tokenizer));
        family.addOwn(conversion, tensors);
        tensors.forEach(tensor -> family.convert(tensor, conversion));
        conversion.requireComplete();
        return plan;
    }

    private GgufWriter metadata(OutputType output, TensorPlan plan, TokenizerMetadata tokenizer) throws IOException {
        GgufWriter writer =
                new GgufWriter().put("general.architecture", family.id()).put("general.type", "model");
        new GeneralMetadata(folder, name(), plan.tensors()).write(writer);
        Hyperparameters values = new Hyperparameters(family.id());
        family.hyperparameters(values, folder);
        values.values().forEach(writer::put);
        writer.put("general.file_type", GgufValue.uint32(fileType(output, plan)));
        writer.put("general.quantization_version", GgufValue.uint32(QUANTIZATION_VERSION));
        tokenizer.putInto(writer);
        return writer;
    }

    /** A model with MXFP4 has a number of its own, unless the rest is Q8_0. */
    private static int fileType(OutputType output, TensorPlan plan) {
        boolean mxfp4 = plan.tensors().stream().anyMatch(tensor -> tensor.type() == GgmlType.MXFP4);
        return mxfp4 && output != OutputType.Q8_0 ? MXFP4_FILE_TYPE : output.fileType();
    }

    private TokenizerMetadata tokenizer() throws IOException {
        int size = Math.toIntExact(folder.config().required("vocab_size"));
        TokenizerRequest request = TokenizerRequest.of(folder.path(), family.tokenizer(), size);
        long types = folder.config().count("type_vocab_size").orElse(1);
        return HfTokenizer.read(request.withTokenTypes(Math.toIntExact(types)), new LlamaCppProof());
    }

    private String name() throws IOException {
        Path name = options.model().toRealPath().getFileName();
        return options.name().orElse(name == null ? "model" : name.toString());
    }

    private void write(GgufWriter writer, TensorPlan plan) throws IOException {
        List<PlannedTensor> planned = plan.tensors();
        try (TensorStream stream = new TensorStream(options.threads())) {
            int number = 0;
            for (PlannedTensor tensor : planned) {
                int done = ++number;
                writer.tensor(tensor.name(), tensor.dims(), tensor.type(), channel -> {
                    stream.write(tensor, channel);
                    options.progress().tensorDone(tensor.name(), done, planned.size());
                });
            }
            writer.forced(Files.exists(options.output())).write(options.output());
        }
    }
}
