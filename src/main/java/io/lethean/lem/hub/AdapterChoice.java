package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Chooses the files of a LoRA adapter.
 *
 * @param view of the repository
 */
record AdapterChoice(RepoView view) {

    private static final String CONFIG = "adapter_config.json";

    /** What PEFT and mlx-lm call the weights; checkpoints of mlx-lm have a number before the name. */
    private static final Pattern WEIGHTS =
            Pattern.compile("adapter_model(-\\d{5}-of-\\d{5})?\\.safetensors|adapter_model\\.safetensors\\.index\\.json"
                    + "|adapters\\.safetensors");

    boolean isAdapter() {
        return view.find(view.folder() + CONFIG).isPresent() && !weights().isEmpty();
    }

    Selection choose() {
        Optional<RemoteFile> file = view.find(view.name().path());
        if (file.isPresent()) {
            return new Selection(HubDownload.Kind.ADAPTER, file.get().path(), List.of(file.get()));
        }
        if (isAdapter()) {
            List<RemoteFile> files = new ArrayList<>(weights());
            files.addFirst(view.find(view.folder() + CONFIG).orElseThrow());
            return new Selection(HubDownload.Kind.ADAPTER, view.name().path(), files);
        }
        if (!new ModelChoice(view).models().isEmpty()) {
            Selection gguf = new ModelChoice(view).choose();
            return new Selection(HubDownload.Kind.ADAPTER, gguf.path(), gguf.files());
        }
        throw new HubException(
                Reason.UNSUITABLE,
                view.name() + " is not a LoRA adapter: it has no adapter_config.json with adapter_model.safetensors or"
                        + " adapters.safetensors" + (view.complete() ? "" : " in the cache") + ", and no GGUF file"
                        + pickled() + ".");
    }

    private String pickled() {
        return view.find(view.folder() + "adapter_model.bin").isPresent()
                ? "; its adapter_model.bin is a pickle, which can run code when it is read, and is not used"
                : "";
    }

    private List<RemoteFile> weights() {
        return view.inFolder().stream()
                .filter(file -> file.folder().equals(view.folder()))
                .filter(file -> WEIGHTS.matcher(file.name()).matches())
                .toList();
    }
}
