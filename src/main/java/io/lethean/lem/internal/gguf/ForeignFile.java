package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file that is not GGUF, or a path without a file: what it probably is, and what to do. */
public final class ForeignFile {

    private static final int HEAD_BYTES = 256;

    private static final Pattern PICKLE_NAME = Pattern.compile(".*\\.(bin|pt|pth|ckpt)", Pattern.CASE_INSENSITIVE);

    /** As the hub's names are: an organization, a model, and perhaps a file. */
    private static final Pattern HUB_NAME = Pattern.compile("(?:https?:/+)?(?:www\\.)?(?:huggingface\\.co/|hf\\.co/)?"
            + "(?<name>[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*?)(?:/(?:tree|blob|resolve)/.*)?");

    private static final Pattern OLD_MAGIC = Pattern.compile("(lmgg|tjgg|fmgg|algg)[\\s\\S]*");

    private ForeignFile() {}

    /** Refuses a file that does not begin like GGUF. */
    static InvalidModelException refusal(Path file) throws IOException {
        return kind(file)
                .map(sentence -> new InvalidModelException(GgufRule.MAGIC.id(), sentence))
                .orElseGet(() -> GgufRule.MAGIC.refuse(file, "it starts with other bytes, so it is not a GGUF file"));
    }

    /**
     * Refuses a file as an adapter if it is known not to be one, such as a pickle.
     *
     * @throws InvalidModelException saying what to do
     */
    public static void requireNoPickle(Path file) throws IOException {
        if (isPickle(file, head(file))) {
            throw new InvalidModelException(
                    "adapter-format",
                    "The file " + file + " is a PyTorch pickle, which can run code when it is read; save the adapter"
                            + " as safetensors, and name its folder.");
        }
    }

    /** Refuses an adapter that was given as a model. */
    static InvalidModelException adapterAsModel(Path file) {
        return new InvalidModelException(
                "adapter",
                "The file " + file + " is an adapter, not a model; load the model that it was trained on, and apply the"
                        + " adapter to it: '--model MODEL --adapter " + file + "'.");
    }

    /** Refuses a model that was given as an adapter. */
    public static InvalidModelException modelAsAdapter(Path file) {
        return new InvalidModelException(
                GgufRule.ADAPTER_KEYS.id(),
                "The file " + file + " is a model, not an adapter (general.type is not 'adapter'); load it as the"
                        + " model: '--model " + file + "'.");
    }

    /** Whether a file has a vocabulary or weights of its own, as models have and adapters have not. */
    public static boolean isModel(GgufFile file) {
        Optional<String> type = file.metadata().text("general.type");
        return type.equals(Optional.of("model"))
                || type.isEmpty() && file.tensor("token_embd.weight").isPresent();
    }

    /** What to say where a model is named and nothing is at the path. */
    static NoSuchFileException missing(Path path) {
        return new NoSuchFileException(
                path.toString(), null, "The model " + path + " does not exist; " + advice(path) + ".");
    }

    /** What to do if nothing is at the path: a name of the hub needs its prefix. */
    public static String advice(Path path) {
        String given = path.toString().replace('\\', '/');
        Matcher hub = HUB_NAME.matcher(given);
        if (given.toLowerCase(Locale.ROOT).endsWith(".gguf") || !hub.matches()) {
            return "check the path";
        }
        return "for the model of that name on Hugging Face's hub, write 'hf:" + hub.group("name")
                + "', and 'lem pull hf:" + hub.group("name") + "' downloads it";
    }

    private static Optional<String> kind(Path file) throws IOException {
        byte[] head = head(file);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs")) {
            return Optional.of("The file " + file + " is only Git LFS's pointer to a model; fetch the model itself with"
                    + " 'git lfs pull', or with 'lem pull'.");
        }
        if (text.stripLeading().toLowerCase(Locale.ROOT).matches("(<!doctype|<html|<\\?xml)[\\s\\S]*")) {
            return Optional.of("The file " + file + " is a web page, not a model; the download link of a file on"
                    + " Hugging Face's hub has /resolve/ instead of /blob/, and 'lem pull' needs only the name.");
        }
        if (isSafetensors(file, text)) {
            return Optional.of(safetensors(file));
        }
        if (isPickle(file, head)) {
            return Optional.of("The file " + file + " is a PyTorch pickle, which can run code when it is read; take"
                    + " the model in safetensors, and convert its folder with 'lem convert'.");
        }
        if (OLD_MAGIC.matcher(text).matches()) {
            return Optional.of("The file " + file + " is in a format that llama.cpp had before GGUF and reads no"
                    + " longer; take the model as GGUF, or convert its safetensors with 'lem convert'.");
        }
        return Optional.empty();
    }

    private static String safetensors(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        Path given = file.getParent() == null ? Path.of(".") : file.getParent();
        boolean adapter = folder != null && Files.exists(folder.resolve("adapter_config.json"));
        return adapter
                ? "The file " + file + " contains the weights of a LoRA adapter, not a model; load the model that it"
                        + " was trained on, and apply the adapter to it: '--model MODEL --adapter " + given + "'."
                : "The file " + file
                        + " contains only weights, in safetensors, and a GGUF file is expected; convert its"
                        + " folder, which has the configuration and the tokenizer, with "
                        + ForeignFolder.conversion(given) + ".";
    }

    /** A length of eight bytes, then a JSON object. */
    private static boolean isSafetensors(Path file, String head) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")
                || head.length() > Long.BYTES && head.startsWith("\0\0\0{\"", Long.BYTES - 3);
    }

    /** A zip archive or a pickle of protocol 2 and later, under one of PyTorch's names. */
    private static boolean isPickle(Path file, byte[] head) {
        boolean named = PICKLE_NAME.matcher(file.getFileName().toString()).matches();
        boolean zip = head.length > 1 && head[0] == 'P' && head[1] == 'K';
        boolean pickle = head.length > 1 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5;
        return named && (zip || pickle);
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD_BYTES);
        }
    }
}
