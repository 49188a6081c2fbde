package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.LemException;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Changes a few random bytes of a model's header and uses the result; run in its own JVM, which must survive.
 *
 * <p>By hand, for more seeds or another model: {@code java ... io.lethean.lem.internal.gguf.GgufMutants MODEL FIRST COUNT}.
 */
public final class GgufMutants {

    private static final int MOST_CHANGES = 4;

    private GgufMutants() {}

    /**
     * Prints each seed before it is tried, then its outcome, and the counts at the end.
     *
     * @param arguments the model, the first seed, the number of seeds
     */
    public static void main(String[] arguments) throws IOException {
        Path base = Path.of(arguments[0]);
        byte[] whole = Files.readAllBytes(base);
        int header = (int) GgufFile.read(base).dataOffset();
        Path scratch = Files.createTempFile("mutant", ".gguf");
        Map<String, Integer> counts = new TreeMap<>();
        try {
            long first = Long.parseLong(arguments[1]);
            for (long seed = first; seed < first + Long.parseLong(arguments[2]); seed++) {
                System.out.print("SEED " + seed + " ");
                System.out.flush();
                Files.write(scratch, mutant(whole, header, seed));
                String outcome = outcome(scratch);
                System.out.println(outcome);
                counts.merge(outcome, 1, Integer::sum);
            }
        } finally {
            Files.delete(scratch);
        }
        counts.forEach((outcome, count) -> System.out.println("COUNT " + count + " " + outcome));
    }

    /** The file with one to four bytes of its header replaced by random ones. */
    static byte[] mutant(byte[] whole, int header, long seed) {
        byte[] mutant = whole.clone();
        Random random = new Random(seed);
        for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0; changes--) {
            mutant[random.nextInt(header)] = (byte) random.nextInt(256);
        }
        return mutant;
    }

    private static String outcome(Path path) {
        ModelOptions options = ModelOptions.builder()
                .threads(1)
                .contextTokens(64)
                .device("cpu")
                .build();
        try {
            GgufCheck.requireModel(GgufFile.read(path));
        } catch (InvalidModelException e) {
            return "refused by the rule " + e.rule();
        } catch (IOException e) {
            throw new AssertionError("reading what was just written failed", e);
        }
        try (LemModel model = LemModel.load(path, options)) {
            return use(model);
        } catch (InvalidModelException e) {
            return e.rule().equals("llama.cpp") ? "refused by llama.cpp" : "refused by the rule " + e.rule();
        } catch (LemException e) {
            return "not loaded: " + e.getClass().getSimpleName() + ", " + e.getMessage();
        } catch (IOException e) {
            throw new AssertionError("reading what was just written failed", e);
        }
    }

    private static String use(LemModel model) {
        try {
            Generation text = model.generate(
                    "Once upon a time", GenerationOptions.builder().maxTokens(4).build());
            return text.generatedTokens() >= 0 ? "decoded" : "impossible";
        } catch (LemException e) {
            return "loaded, then " + e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }
}
