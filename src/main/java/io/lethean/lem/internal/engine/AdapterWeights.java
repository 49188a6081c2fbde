package io.lethean.lem.internal.engine;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Owns the matrices of a LoRA adapter while they are trained; the model's own weights stay as they are. */
public final class AdapterWeights extends Trainable {

    private static final String A_SUFFIX = ".lora_a";
    private static final String B_SUFFIX = ".lora_b";
    private static final String MAGNITUDE_SUFFIX = ".lora_magnitude";

    private final AdapterSpec spec;
    private final DecoderSpec decoder;
    private final String architecture;
    private final Map<String, double[]> squares = new LinkedHashMap<>();
    private final @Nullable RowNorms norms;

    AdapterWeights(DecoderSpec decoder, AdapterSpec spec, BaseWeights base, Backend backend) {
        super(shapes(decoder, spec), backend);
        this.spec = spec;
        this.decoder = decoder;
        architecture = decoder.architecture();
        norms = spec.dora() ? norms(base, backend) : null;
    }

    /**
     * Checks that an adapter of this form can be trained for the model.
     *
     * @throws InvalidModelException naming what blocks it
     */
    static void check(DecoderSpec decoder, AdapterSpec spec) {
        boolean ofExperts = spec.targets().stream().anyMatch(decoder::isOfExperts);
        if (ofExperts && spec.dora()) {
            throw refused("DoRA is not implemented for the gate, up and down projections of experts");
        }
        boolean drops = spec.dropout() > 0 && (ofExperts || spec.targets().contains(Target.ROUTER));
        if (drops) {
            throw refused("dropout is not implemented for the projections of experts and for routers");
        }
        if (spec.targets().contains(Target.ROUTER) && !decoder.experts().exist()) {
            throw new InvalidModelException(
                    "trainable",
                    "The target 'router' needs a mixture of experts, and this model of architecture "
                            + decoder.architecture() + " has no experts; leave it out.");
        }
        boolean one = decoder.layer(0).widths().gateHasUp();
        if (one && spec.targets().contains(Target.GATE) != spec.targets().contains(Target.UP)) {
            throw new InvalidModelException(
                    "trainable",
                    "The targets 'gate' and 'up' can only be trained together, because each expert of this model of architecture "
                            + decoder.architecture() + " has both in one matrix (" + decoder.weightName(Target.GATE, 0)
                            + "); name both or neither.");
        }
    }

    private static InvalidModelException refused(String what) {
        return new InvalidModelException(
                "trainable",
                "This adapter of a mixture of experts cannot be trained: " + what
                        + "; train plain LoRA without dropout, or only the targets q, k, v and o.");
    }

    private RowNorms norms(BaseWeights base, Backend backend) {
        List<RowNorms.Matrix> adapted = new ArrayList<>();
        for (String weight : adapted()) {
            squares.put(weight, base.squaredRowNorms(weight));
            adapted.add(new RowNorms.Matrix(
                    weight,
                    base.get(weight),
                    value(weight + A_SUFFIX).value(),
                    value(weight + B_SUFFIX).value()));
        }
        return new RowNorms(adapted, squares, backend);
    }

    /** The names of the adapted matrices. */
    private List<String> adapted() {
        return parameters().stream()
                .map(Parameter::name)
                .filter(name -> name.endsWith(A_SUFFIX))
                .map(name -> name.substring(0, name.length() - A_SUFFIX.length()))
                .toList();
    }

    private Parameter value(String name) {
        return find(name).orElseThrow();
    }

    private static Map<String, Shape> shapes(DecoderSpec decoder, AdapterSpec spec) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (int layer = spec.firstLayer(); layer < decoder.layerCount(); layer++) {
            LayerWidths widths = decoder.layer(layer).widths();
            for (Target target : spec.targets()) {
                if (!decoder.layer(layer).has(target)) {
                    continue;
                }
                String weight = decoder.weightName(target, layer);
                long each = decoder.isOfExperts(target) ? decoder.experts().count() : 1;
                shapes.put(weight + A_SUFFIX, Shape.of(widths.input(target), spec.rank(), each));
                shapes.put(weight + B_SUFFIX, Shape.of(widths.output(target), spec.rank(), each));
                if (spec.dora()) {
                    shapes.put(weight + MAGNITUDE_SUFFIX, Shape.of(widths.output(target)));
                }
            }
        }
        return shapes;
    }

    /**
     * A uniform in plus and minus 1 / sqrt(n), B zero, as LoRA starts, and magnitudes the norms of the base's rows: the
     * model is unchanged.
     */
    @Override
    public void initialize(long seed) {
        clear();
        SplittableRandom random = new SplittableRandom(seed);
        for (Parameter parameter : parameters()) {
            if (parameter.name().endsWith(A_SUFFIX)) {
                double bound = 1 / Math.sqrt(parameter.value().shape().n0());
                float[] numbers = new float[(int) parameter.value().shape().elements()];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = (float) random.nextDouble(-bound, bound);
                }
                parameter.value().set(numbers);
            }
        }
        squares.forEach((weight, rows) -> {
            float[] lengths = new float[rows.length];
            for (int i = 0; i < rows.length; i++) {
                lengths[i] = (float) Math.sqrt(rows[i]);
            }
            value(weight + MAGNITUDE_SUFFIX).value().set(lengths);
        });
    }

    @Override
    public void prepare() {
        if (norms != null) {
            norms.update(spec.scale());
        }
    }

    /** The adapter as a file has it, with B turned to rows of the rank. */
    public Adapter toAdapter() {
        List<LoraPair> pairs = new ArrayList<>();
        for (String tensor : adapted()) {
            Parameter a = value(tensor + A_SUFFIX);
            Parameter b = value(tensor + B_SUFFIX);
            int outputs = (int) b.value().shape().n0();
            int experts = (int) b.value().shape().n2();
            pairs.add(new LoraPair(
                    tensor,
                    Factor.of(
                            experts * spec.rank(),
                            (int) a.value().shape().n0(),
                            a.value().floats()),
                    Factor.of(experts * outputs, spec.rank(), turned(b.value().floats(), outputs, spec.rank())),
                    find(tensor + MAGNITUDE_SUFFIX)
                            .map(m -> Factor.of(outputs, 1, m.value().floats()))
                            .orElse(null),
                    experts));
        }
        return Adapter.of(architecture, spec.alpha(), pairs);
    }

    /**
     * Copies the values of an adapter, to train it further. Moments become zero.
     *
     * @throws IllegalArgumentException if it has another rank, scale or other targets; nothing is changed then
     */
    public void load(Adapter adapter) {
        int updates = adapted().size();
        for (LoraPair pair : adapter.pairs()) {
            boolean fits = pair.rank() == spec.rank()
                    && adapter.scale(pair) == spec.scale()
                    && pair.hasMagnitude() == spec.dora();
            if (!fits
                    || adapter.pairs().size() != updates
                    || find(pair.tensor() + A_SUFFIX).isEmpty()) {
                throw new IllegalArgumentException(
                        "The adapter to continue from has " + adapter.pairs().size()
                                + " updates, with rank " + pair.rank() + " and scale " + adapter.scale(pair) + " of "
                                + pair.tensor() + (pair.hasMagnitude() ? " and a magnitude" : "")
                                + "; the one to train has "
                                + updates + " with rank "
                                + spec.rank() + " and scale " + spec.scale() + (spec.dora() ? " and a magnitude" : "")
                                + ".");
            }
        }
        clear();
        for (LoraPair pair : adapter.pairs()) {
            find(pair.tensor() + A_SUFFIX).orElseThrow().value().set(pair.a().values());
            find(pair.tensor() + B_SUFFIX)
                    .orElseThrow()
                    .value()
                    .set(turned(pair.b().values(), pair.rank(), pair.outputs()));
            Factor magnitude = pair.magnitude();
            if (magnitude != null) {
                value(pair.tensor() + MAGNITUDE_SUFFIX).value().set(magnitude.values());
            }
        }
    }

    /**
     * Rows and columns of each matrix exchanged: {@code columns} rows of {@code rows} numbers become {@code rows} rows.
     */
    private static float[] turned(float[] numbers, int rows, int columns) {
        float[] turned = new float[numbers.length];
        for (int from = 0; from < numbers.length; from += rows * columns) {
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    turned[from + row * columns + column] = numbers[from + column * rows + row];
                }
            }
        }
        return turned;
    }

    /** True for a matrix B, false for a matrix A. */
    public static boolean isB(Parameter parameter) {
        return parameter.name().endsWith(B_SUFFIX);
    }

    @Override
    public Optional<AdapterSpec> dropout() {
        return Optional.of(spec).filter(adapter -> adapter.dropout() > 0);
    }

    @Override
    public int firstLayer() {
        return spec.firstLayer();
    }

    @Override
    public Optional<LowRank> lowRank(int layer, Target target) {
        String weight = decoder.weightName(target, layer);
        return find(weight + A_SUFFIX)
                .flatMap(a -> find(weight + B_SUFFIX)
                        .map(b -> new LowRank(
                                a.value(), b.value(), a.gradient(), b.gradient(), spec.scale(), magnitude(weight))));
    }

    private @Nullable Magnitude magnitude(String weight) {
        RowNorms own = norms;
        return own == null
                ? null
                : find(weight + MAGNITUDE_SUFFIX)
                        .map(m -> new Magnitude(m.value(), m.gradient(), own.inverse(weight)))
                        .orElse(null);
    }

    @Override
    long ownBytes() {
        return norms == null ? 0 : norms.bytes();
    }

    @Override
    void closeOwn() {
        if (norms != null) {
            norms.close();
        }
    }

    @Override
    public Optional<Parameter> weight(String name) {
        return Optional.empty();
    }

    @Override
    public void write(Path file) throws IOException {
        AdapterFiles.writeGguf(toAdapter(), file);
    }
}
