package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.convert.ExportOptions.Target;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.io.AtomicFolder;
import io.lethean.lem.internal.safetensors.ElementType;
import io.lethean.lem.internal.safetensors.NewTensor;
import io.lethean.lem.internal.tokenizer.TokenizerExport;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One export of an open model to a folder. */
final class ExportRun {

    private final ExportOptions options;
    private final GgufFile file;
    private final CheckpointTensors tensors;
    private final CheckpointConfig config;
    private final TokenizerExport tokenizer;
    private final GgmlType type;
    private final List<String> notes = new ArrayList<>();
    private final List<String> files = new ArrayList<>();

    ExportRun(ExportOptions options, GgufFile file, Family family, Architecture facts) throws IOException {
        this.options = options;
        this.file = file;
        this.tensors = new CheckpointTensors(file, family);
        this.config = new CheckpointConfig(file, family, family.checkpointForm().orElseThrow(), facts);
        this.type = options.dtype().equals("auto") ? tensors.usualType() : named(options.dtype());
        config.read(tensors.biased());
        this.tokenizer = TokenizerExport.of(file.metadata(), file.path());
    }

    private static GgmlType named(String dtype) {
        return switch (dtype.toLowerCase(Locale.ROOT)) {
            case "bf16" -> GgmlType.BF16;
            case "f16" -> GgmlType.F16;
            case "f32" -> GgmlType.F32;
            default ->
                throw new IllegalArgumentException(
                        "Weights cannot be exported as \"" + dtype + "\"; auto, bf16, f16 and f32 are possible.");
        };
    }

    ExportReport run() throws IOException {
        requireRows();
        note();
        try (GgufTensorData data = GgufTensorData.open(file);
                TensorStream stream = new TensorStream(options.threads())) {
            List<PlannedTensor> planned = tensors.plan(config, type, data);
            Shards shards = shards(planned, stream);
            requireRoom(shards.bytes());
            AtomicFolder.write(options.output(), ExportedFiles::isOwn, folder -> write(folder, shards));
            return new ExportReport(
                    String.valueOf(((List<?>) java.util.Objects.requireNonNull(
                                    config.values().get("architectures")))
                            .getFirst()),
                    type.ggmlName(),
                    planned.size(),
                    SizeLabel.parameters(planned),
                    shards.bytes(),
                    files,
                    notes);
        }
    }

    private void requireRows() {
        long rows = config.dimensions().size(Dim.VOCABULARY);
        if (tokenizer.size() > rows) {
            throw new InvalidModelException(
                    "export-config",
                    "The file " + file.path() + " has " + tokenizer.size() + " tokens, and its embedding " + rows
                            + " rows; the file is damaged.");
        }
    }

    private void note() {
        Map<String, Integer> quantized = tensors.quantized();
        if (!quantized.isEmpty()) {
            int count = quantized.values().stream().mapToInt(Integer::intValue).sum();
            notes.add(count + " tensors are quantized in the file (" + String.join(", ", quantized.keySet())
                    + ") and were dequantized; what quantizing lost does not come back.");
        }
        if (file.metadata().architecture().equals("qwen2") && tokenizer.differsFromQwen2()) {
            notes.add("The tokenizer is not Qwen's, but transformers reads every tokenizer of a Qwen 2 by Qwen's rule;"
                    + " some texts will become other tokens there.");
        }
        long narrowed = tensors.narrowed(type);
        if (narrowed > 0) {
            notes.add(narrowed + " matrices were rounded to " + type.ggmlName() + "; --dtype f32 keeps them exactly.");
        }
    }

    private Shards shards(List<PlannedTensor> planned, TensorStream stream) {
        Shards shards = new Shards(options.shardBytes());
        int number = 0;
        for (PlannedTensor tensor : planned) {
            int done = ++number;
            Runnable written = () -> options.progress().tensorDone(tensor.name(), done, planned.size());
            if (options.bits() > 0 && MlxGroups.isQuantized(tensor)) {
                new MlxGroups(options.bits(), element(type)).of(tensor, written).forEach(shards::add);
                continue;
            }
            shards.add(new NewTensor(tensor.name(), element(type), tensor.dims().reversed(), channel -> {
                stream.write(tensor, channel);
                written.run();
            }));
        }
        return shards;
    }

    private static ElementType element(GgmlType type) {
        return switch (type) {
            case BF16 -> ElementType.BF16;
            case F16 -> ElementType.F16;
            default -> ElementType.F32;
        };
    }

    private void requireRoom(long needed) throws IOException {
        Path folder = options.output().toAbsolutePath();
        while (folder != null && !Files.isDirectory(folder)) {
            folder = folder.getParent();
        }
        long room = folder == null ? Long.MAX_VALUE : Files.getFileStore(folder).getUsableSpace();
        if (room < needed) {
            throw new FileSystemException(
                    options.output().toString(),
                    null,
                    "the export takes " + needed / 1_000_000 + " MB, and there are " + room / 1_000_000
                            + " MB free in its folder");
        }
    }

    private void write(Path folder, Shards shards) throws IOException {
        shards.write(folder, options.to() == Target.MLX ? "mlx" : "pt");
        tokenizer.write(folder, context());
        ExportedConfig values = new ExportedConfig(config.values(), tokenizer, file.metadata(), type);
        if (options.bits() > 0) {
            values.putQuantization(options.bits());
        }
        values.write(folder);
        ModelCardFile.write(folder.resolve(ExportedFiles.CARD), file, options.to());
        try (Stream<Path> written = Files.list(folder)) {
            written.map(path -> String.valueOf(path.getFileName())).sorted().forEach(files::add);
        }
    }

    private long context() {
        @Nullable Object context = config.values().get("max_position_embeddings");
        return context instanceof Long length ? length : 0;
    }
}
