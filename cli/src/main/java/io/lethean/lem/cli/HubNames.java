package io.lethean.lem.cli;

import io.lethean.lem.hub.Hub;
import io.lethean.lem.hub.HubName;
import io.lethean.lem.hub.HubOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Turns names on the hub, wherever an option takes a model or an adapter, into files of the cache. A path uses no network.
 *
 * @param environment of the process
 * @param err receives the progress of downloads
 */
record HubNames(Map<String, String> environment, PrintWriter err) {

    /** What the options that name a model say of names. */
    static final String MODEL = "GGUF file, or a name on the hub such as hf:org/name:Q4_K_M.";

    static HubNames of(CommandSpec command) {
        return new HubNames(System.getenv(), command.commandLine().getErr());
    }

    static HubNames of(Console console) {
        return new HubNames(System.getenv(), console.err());
    }

    static boolean isName(Path given) {
        return HubName.isHubName(given.toString());
    }

    /** The file of a model: a path as it is, a name downloaded. */
    Path model(Path given) throws IOException {
        return isName(given) ? hub().fetchModel(HubName.parse(given.toString())) : given;
    }

    /** The file or folder of an adapter: a path as it is, a name downloaded. */
    Path adapter(Path given) throws IOException {
        return isName(given) ? hub().fetchAdapter(HubName.parse(given.toString())) : given;
    }

    /** The folder of a model in safetensors: a path as it is, a name downloaded. */
    Path modelFolder(Path given) throws IOException {
        return isName(given) ? hub().fetchModelFolder(HubName.parse(given.toString())) : given;
    }

    HubOptions options() {
        return HubOptions.fromEnvironment(environment, userHome());
    }

    Hub hub() {
        return new Hub(options(), DownloadProgress.ofProcess(err));
    }

    static Path userHome() {
        return Path.of(System.getProperty("user.home", ""));
    }
}
