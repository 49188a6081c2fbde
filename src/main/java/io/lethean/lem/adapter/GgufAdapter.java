package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.ForeignFile;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The adapter file that llama.cpp loads.
 *
 * <p>Tensor {@code NAME.lora_a} has dimensions inputs, rank and {@code NAME.lora_b} rank, outputs, the first running
 * fastest; of a tensor of experts both have the number of experts as a third dimension. llama.cpp applies the update of the token embedding transposed: its {@code lora_a} has rank, tokens and
 * {@code lora_b} rank, dimensions. A missing or zero alpha means that the rank does not divide.
 *
 * <p>An adapter of DoRA has in addition {@code NAME.lora_magnitude} with a value per output. llama.cpp cannot apply it,
 * and refuses the file because its {@code adapter.type} is {@code dora}.
 */
final class GgufAdapter {

    private static final String TYPE = "general.type";
    private static final String ARCHITECTURE = "general.architecture";
    private static final String ADAPTER_TYPE = "adapter.type";
    private static final String ALPHA = "adapter.lora.alpha";
    private static final String INVOCATION_TOKENS = "adapter.alora.invocation_tokens";
    private static final String SUFFIX_A = ".lora_a";
    private static final String SUFFIX_B = ".lora_b";
    private static final String SUFFIX_MAGNITUDE = ".lora_magnitude";
    private static final String LORA = "lora";
    private static final String DORA = "dora";
    private static final String IGNORED_SUFFIX = "_norm.weight";
    private static final int BLOCK_BYTES = 1 << 12;

    private final GgufFile file;
    private final PairCollector pairs;
    private final List<String> notes = new ArrayList<>();
    private final double alpha;

    private GgufAdapter(GgufFile file) {
        this.file = file;
        this.pairs = new PairCollector(file.path());
        this.alpha = alpha();
    }

    /**
     * Reads an adapter file.
     *
     * @throws InvalidModelException if it is not a GGUF file, or not a LoRA adapter that llama.cpp can use
     * @throws IOException when it cannot be read
     */
    static Adapter read(Path path) throws IOException {
        GgufFile file = GgufFile.read(path);
        if (ForeignFile.isModel(file)) {
            throw ForeignFile.modelAsAdapter(path);
        }
        requireText(file, TYPE, "adapter");
        boolean dora = isDora(file);
        if (!dora) {
            requireText(file, ADAPTER_TYPE, LORA);
        }
        GgufAdapter reader = new GgufAdapter(file);
        file.tensors().forEach(reader::take);
        return CommonAlpha.adapter(
                path,
                architecture(file),
                dora ? reader.pairs.pairs() : reader.pairs.pairs(false),
                reader.invocationTokens(),
                reader.notes);
    }

    /** Whether a file says that it is an adapter of DoRA, which llama.cpp cannot apply. */
    static boolean isDora(GgufFile file) {
        return file.metadata().text(ADAPTER_TYPE).equals(Optional.of(DORA));
    }

    private static void requireText(GgufFile file, String key, String wanted) {
        String found = file.metadata().text(key).orElse("missing or no text");
        if (!found.equals(wanted)) {
            throw invalid(
                    file, "metadata", "is not a LoRA adapter: " + key + " should be " + wanted + " and is " + found);
        }
    }

    private static String architecture(GgufFile file) {
        String architecture = file.metadata().text(ARCHITECTURE).orElse("");
        if (architecture.isEmpty()) {
            throw invalid(file, "metadata", "does not say which architecture it was made for (" + ARCHITECTURE + ")");
        }
        return architecture;
    }

    /** llama.cpp ends the process when this value has another type than FLOAT32. */
    private double alpha() {
        GgufValue value = file.metadata().asMap().get(ALPHA);
        if (value == null) {
            return 0;
        }
        if (value.type() != GgufType.FLOAT32 || !(value instanceof GgufScalar scalar)) {
            throw invalid(
                    file,
                    "metadata",
                    "has " + value + " of type " + value.type() + " as " + ALPHA + ", and a FLOAT32 is needed");
        }
        return scalar.asDouble();
    }

    private List<Integer> invocationTokens() {
        GgufMetadata metadata = file.metadata();
        if (metadata.find(INVOCATION_TOKENS).isEmpty()) {
            return List.of();
        }
        GgufArray tokens = metadata.array(INVOCATION_TOKENS)
                .filter(array -> array.elementType() == GgufType.UINT32)
                .orElseThrow(() -> invalid(file, "metadata", "has no list of UINT32 as " + INVOCATION_TOKENS));
        return IntStream.range(0, tokens.size())
                .mapToObj(index -> (int) ((GgufScalar) tokens.get(index)).asLong())
                .toList();
    }

    private void take(GgufTensor tensor) {
        String name = tensor.name();
        if (name.endsWith(SUFFIX_A)) {
            take(name.substring(0, name.length() - SUFFIX_A.length()), true, tensor);
        } else if (name.endsWith(SUFFIX_B)) {
            take(name.substring(0, name.length() - SUFFIX_B.length()), false, tensor);
        } else if (name.endsWith(SUFFIX_MAGNITUDE)) {
            String base = name.substring(0, name.length() - SUFFIX_MAGNITUDE.length());
            pairs.magnitude(base, factor(tensor, 1).transposed());
        } else if (name.endsWith(IGNORED_SUFFIX)) {
            notes.add("The adapter file also holds " + name + ", which llama.cpp ignores and so does this.");
        } else {
            throw invalid(file, "tensor-name", "holds a tensor " + name + ", which is not a factor of an update");
        }
    }

    private void take(String base, boolean isA, GgufTensor tensor) {
        boolean flipped = base.equals(TensorNames.EMBEDDING);
        int experts = flipped ? 1 : Math.toIntExact(tensor.dim(2));
        Factor stored = factor(tensor, experts);
        pairs.experts(base, experts);
        int rank = isA && !flipped ? stored.rows() / experts : stored.columns();
        double scale = alpha == 0 ? 1 : alpha / rank;
        if (isA == flipped) {
            pairs.b(base, stored, scale);
        } else {
            pairs.a(base, flipped ? stored.transposed() : stored, scale);
        }
    }

    /** The matrices of all experts, one after the other. */
    private Factor factor(GgufTensor tensor, int experts) {
        long rows = tensor.rows();
        if (tensor.elements() > Integer.MAX_VALUE - 8 || tensor.dim(1) * experts != rows) {
            throw invalid(
                    file,
                    "tensor-shape",
                    "has a tensor " + tensor.name() + " of shape " + tensor.shape()
                            + ", where a matrix of at most 2^31 values is needed");
        }
        AdapterTensorType type = AdapterTensorType.of(tensor.type())
                .orElseThrow(() -> invalid(
                        file,
                        "tensor-type",
                        "keeps tensor " + tensor.name() + " as " + tensor.type().ggmlName()
                                + ", and adapters are F32, F16, BF16 or Q8_0"));
        return Factor.reading((int) rows, (int) tensor.dim(0), tensor.type() == GgmlType.F16, (into, at) -> {
            try (GgufTensorData data = GgufTensorData.open(file)) {
                read(data, tensor, type, into, at);
            }
        });
    }

    private static void read(GgufTensorData data, GgufTensor tensor, AdapterTensorType type, float[] into, int at)
            throws IOException {
        int numbers = (BLOCK_BYTES / tensor.type().typeSize()) * tensor.type().blockSize();
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        int count = (int) tensor.elements();
        for (int done = 0; done < count; done += numbers) {
            int length = Math.min(numbers, count - done);
            int bytes = (int) tensor.type().rowBytes(length);
            data.read(tensor, tensor.type().rowBytes(done), block.clear().limit(bytes));
            type.decode(block.flip(), into, at + done, length);
        }
    }

    /**
     * Writes an adapter file, whole or not at all.
     *
     * @throws IOException when it cannot be written; a file that was there before is still there
     */
    static void write(Adapter adapter, Path path) throws IOException {
        GgufWriter writer = new GgufWriter()
                .put(TYPE, "adapter")
                .put(ARCHITECTURE, adapter.architecture())
                .put(ADAPTER_TYPE, adapter.hasMagnitudes() ? DORA : LORA)
                .put(ALPHA, GgufValue.of(adapter.alpha()));
        if (!adapter.invocationTokens().isEmpty()) {
            long[] tokens = adapter.invocationTokens().stream()
                    .mapToLong(Integer::longValue)
                    .toArray();
            writer.put(INVOCATION_TOKENS, GgufArray.ofIntegers(GgufType.UINT32, tokens));
        }
        Map<String, Integer> experts = new HashMap<>();
        adapter.pairs().forEach(pair -> experts.put(pair.tensor(), pair.experts()));
        tensors(adapter)
                .forEach((name, factor) ->
                        add(writer, name, factor, experts.getOrDefault(name.replaceFirst("\\.lora_[ab]$", ""), 1)));
        writer.write(path);
    }

    private static Map<String, Factor> tensors(Adapter adapter) {
        Map<String, Factor> tensors = new LinkedHashMap<>();
        for (LoraPair pair : adapter.pairs()) {
            boolean flipped = pair.tensor().equals(TensorNames.EMBEDDING);
            tensors.put(pair.tensor() + SUFFIX_A, flipped ? pair.b() : pair.a());
            tensors.put(pair.tensor() + SUFFIX_B, flipped ? pair.a().transposed() : pair.b());
            Factor magnitude = pair.magnitude();
            if (magnitude != null) {
                tensors.put(pair.tensor() + SUFFIX_MAGNITUDE, magnitude.transposed());
            }
        }
        return tensors;
    }

    private static void add(GgufWriter writer, String name, Factor factor, int experts) {
        List<Long> dimensions;
        if (name.endsWith(SUFFIX_MAGNITUDE)) {
            dimensions = List.of((long) factor.columns());
        } else if (experts > 1) {
            dimensions = List.of((long) factor.columns(), (long) factor.rows() / experts, (long) experts);
        } else {
            dimensions = List.of((long) factor.columns(), (long) factor.rows());
        }
        GgmlType type = factor.isHalf() ? GgmlType.F16 : GgmlType.F32;
        writer.tensor(name, dimensions, type, channel -> factor.elementType().write(channel, factor.values()));
    }

    private static InvalidModelException invalid(GgufFile file, String rule, String what) {
        return new InvalidModelException("adapter-" + rule, file.path() + " " + what + ".");
    }
}
