package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chooses the files that a conversion needs: weights in safetensors, configuration, tokenizer, templates and the model's
 * description. Weights in other formats are left out.
 *
 * @param view of the repository
 */
record FolderChoice(RepoView view) {

    private static final Pattern NEEDED = Pattern.compile("[^/]+\\.(json|jinja|model|tiktoken)|merges\\.txt|vocab\\.txt"
            + "|README\\.md|LICENSE[^/]*|additional_chat_templates/[^/]+\\.jinja|\\d+_[A-Za-z]+/config\\.json");
    private static final Pattern WEIGHTS = Pattern.compile("[^/]+\\.safetensors");

    /** As transformers and mlx-lm name them; a copy in another layout may be next to them. */
    private static final Pattern USUAL = Pattern.compile("(model|weights)[^/]*\\.safetensors");

    private static final Pattern SHARD = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.safetensors");
    private static final Pattern TOKENIZER =
            Pattern.compile("tokenizer\\.(json|model)|vocab\\.(json|txt)|.+\\.tiktoken");

    boolean hasWeights() {
        return !weights().isEmpty();
    }

    Selection choose() {
        List<RemoteFile> weights = weights();
        if (weights.isEmpty()) {
            throw new HubException(
                    Reason.UNSUITABLE,
                    view.name() + " has no weights in safetensors" + (view.complete() ? "" : " in the cache")
                            + instead() + ".");
        }
        if (view.find(view.folder() + "config.json").isEmpty()) {
            throw new HubException(
                    Reason.UNSUITABLE,
                    view.name() + " has no config.json, so it is not a folder of transformers or mlx-lm and cannot be"
                            + " converted.");
        }
        if (!view.complete()) {
            requireWhole(weights);
        }
        List<RemoteFile> files = new ArrayList<>(here().stream()
                .filter(file -> NEEDED.matcher(inside(file)).matches())
                .toList());
        files.addAll(weights);
        return new Selection(HubDownload.Kind.MODEL_FOLDER, view.name().path(), files);
    }

    private List<RemoteFile> here() {
        return view.inFolder();
    }

    private String inside(RemoteFile file) {
        return file.path().substring(view.folder().length());
    }

    private List<RemoteFile> weights() {
        List<RemoteFile> all = here().stream()
                .filter(file -> WEIGHTS.matcher(inside(file)).matches())
                .filter(file -> !file.name().startsWith("adapter"))
                .toList();
        List<RemoteFile> usual = all.stream()
                .filter(file -> USUAL.matcher(inside(file)).matches())
                .toList();
        return usual.isEmpty() ? all : usual;
    }

    /** Another program may have put only some files into a snapshot. */
    private void requireWhole(List<RemoteFile> weights) {
        boolean tokenizer =
                here().stream().anyMatch(file -> TOKENIZER.matcher(inside(file)).matches());
        long shards = weights.stream()
                .filter(file -> SHARD.matcher(file.name()).matches())
                .count();
        boolean whole = weights.stream().allMatch(file -> {
            Matcher shard = SHARD.matcher(file.name());
            return !shard.matches() || Long.parseLong(shard.group(3)) == shards;
        });
        boolean indexed =
                shards == 0 || here().stream().anyMatch(file -> inside(file).endsWith(".safetensors.index.json"));
        if (!tokenizer || !whole || !indexed) {
            throw new HubException(
                    Reason.OFFLINE,
                    "The cache has only some of the files of " + view.name() + ": "
                            + (tokenizer
                                    ? "a part of the weights or their index is missing"
                                    : "the tokenizer is missing")
                            + ".");
        }
    }

    private String instead() {
        if (!GgufModel.among(here()).isEmpty()) {
            return "; its GGUF files need no conversion: give " + view.name() + " as the model";
        }
        boolean pickles = here().stream()
                .map(file -> file.name().toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.matches(".*\\.(bin|pt|pth|ckpt)"));
        return pickles
                ? "; its weights are pickles, which can run code when they are read. Look for a repository of the same"
                        + " model in safetensors"
                : "";
    }
}
