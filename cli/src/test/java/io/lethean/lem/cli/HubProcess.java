package io.lethean.lem.cli;

import io.lethean.lem.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The command in processes of their own with a stand-in hub, because environment variables name the hub and its cache.
 *
 * @param server the hub
 * @param folder in which the command runs; the cache is in it
 * @param variables more environment variables
 */
record HubProcess(HubServer server, Path folder, Map<String, String> variables) {

    private static final int SECONDS = 120;

    Path cache() {
        return folder.resolve("cache");
    }

    HubProcess with(String variable, String value) {
        Map<String, String> more = new HashMap<>(variables);
        more.put(variable, value);
        return new HubProcess(server, folder, more);
    }

    CommandRun run(String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        ProcessBuilder builder = LemProcess.builder(arguments)
                .redirectErrorStream(false)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .directory(folder.toFile());
        absoluteClassPath(builder.command());
        builder.environment().keySet().removeIf(key -> key.startsWith("HF_") || key.startsWith("LEM_"));
        builder.environment().put("HF_ENDPOINT", server.address().toString());
        builder.environment().put("HF_HUB_CACHE", cache().toString());
        builder.environment().putAll(variables);
        Process process = builder.start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        return new CommandRun(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** The process runs in another folder than this one. */
    private static void absoluteClassPath(List<String> command) {
        int at = command.indexOf("-cp") + 1;
        List<String> entries = new ArrayList<>();
        for (String entry : command.get(at).split(java.io.File.pathSeparator)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        command.set(at, String.join(java.io.File.pathSeparator, entries));
    }
}
