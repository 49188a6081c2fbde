package io.lethean.lem.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** A fresh folder in which a page's commands find what a clone of the repository has. */
record WorkFolder(Path path) {

    private static final Path ROOT = Path.of("").toAbsolutePath();

    /** What commands may write into is a copy, the rest is a link. */
    private static final List<String> COPIED = List.of("kernel", "seeds", "training", "models", "examples");

    private static final List<String> LINKED = List.of("lem", "scripts", "native", "build", "Makefile");

    static WorkFolder of(String name) throws IOException {
        Path folder = ROOT.resolve("target/pages").resolve(name);
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(folder);
        for (String each : COPIED) {
            copy(ROOT.resolve(each), folder.resolve(each));
        }
        for (String each : LINKED) {
            Files.createSymbolicLink(folder.resolve(each), ROOT.resolve(each));
        }
        // A status of 400 or more is a failure.
        Files.writeString(folder.resolve(".curlrc"), "fail-with-body\n");
        return new WorkFolder(folder);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file :
                    files.filter(each -> !each.toString().contains("/target")).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    /** The environment of the commands: lem-nano answers unless a model is named, and no hub is asked. */
    void putEnvironment(Map<String, String> environment) {
        String nano = path.resolve("models/lem-nano.gguf").toString();
        environment.put("NANO", nano);
        environment.put("LEM_MODEL", nano);
        environment.put("SMOLLM2", realModel());
        environment.put("HF_HUB_OFFLINE", "1");
        environment.put("CURL_HOME", path.toString());
        String home = System.getProperty("java.home");
        environment.put("JAVA_HOME", home);
        environment.merge("PATH", "", (path, _) -> home + "/bin:" + path);
    }

    private static String realModel() {
        return Objects.requireNonNull(
                System.getenv("LEM_REAL_SMOLLM2"),
                "set LEM_REAL_SMOLLM2 to the path of SmolLM2-135M-Instruct, which 'scripts/real-model smollm2' prints");
    }
}
