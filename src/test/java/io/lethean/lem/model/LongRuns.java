package io.lethean.lem.model;

import io.lethean.lem.LemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A process that tokenizes long runs of one character on a small stack. Arguments: a folder, and tokenizers as {@code
 * MODEL:PRE}. Prints a line for each run.
 */
final class LongRuns {

    static final int CHARACTERS = 100_000;
    static final Map<String, String> KINDS = new LinkedHashMap<>();

    private static final long STACK_BYTES = 256 << 10;

    static {
        KINDS.put("letter", "a");
        KINDS.put("upper", "Z");
        KINDS.put("cjk", "\u6c34");
        KINDS.put("digit", "7");
        KINDS.put("space", " ");
        KINDS.put("newline", "\n");
        KINDS.put("tab", "\t");
        KINDS.put("equals", "=");
        KINDS.put("dash", "-");
        KINDS.put("apostrophe", "'");
        KINDS.put("mark", "\u0301");
        KINDS.put("emoji", "\ud83d\ude00");
    }

    private LongRuns() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            String[] names = arguments[i].split(":");
            Path file = TokenizerModels.write(folder, names[0], names[1]);
            try (LemModel model = LemModel.load(file, TokenizerModels.OPTIONS)) {
                for (Map.Entry<String, String> kind : KINDS.entrySet()) {
                    tokenize(model, arguments[i], kind.getKey(), kind.getValue());
                }
            }
            Files.delete(file);
        }
    }

    private static void tokenize(LemModel model, String tokenizer, String kind, String character)
            throws InterruptedException {
        String text = character.repeat(CHARACTERS);
        Thread thread = new Thread(
                null,
                () -> {
                    long start = System.nanoTime();
                    String outcome = outcome(model, text);
                    System.out.printf(
                            "RUN %s %s %d %s%n", tokenizer, kind, (System.nanoTime() - start) / 1_000_000, outcome);
                },
                "small stack",
                STACK_BYTES);
        thread.start();
        thread.join();
    }

    private static String outcome(LemModel model, String text) {
        try {
            return model.tokenize(text).size() + " tokens";
        } catch (LemException e) {
            return e.getMessage();
        }
    }
}
