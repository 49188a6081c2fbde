package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Chooses the GGUF model that a name means, or says what there is instead.
 *
 * @param view of the repository
 */
record ModelChoice(RepoView view) {

    private static final int MOST_LISTED = 40;

    Selection choose() {
        List<GgufModel> models = models();
        Optional<RemoteFile> file = view.find(view.name().path());
        if (file.isPresent() && !GgufModel.isGguf(file.get().path())) {
            return new Selection(HubDownload.Kind.FILE, file.get().path(), List.of(file.get()));
        }
        if (models.isEmpty()) {
            throw noModel();
        }
        GgufModel model = one(models);
        if (!model.isComplete()) {
            throw new HubException(
                    Reason.UNSUITABLE,
                    view.name() + " is split into " + model.count() + " files, of which "
                            + (view.complete() ? "the repository" : "the cache") + " has only "
                            + model.parts().size() + "; " + model.path() + " is the first.");
        }
        return new Selection(HubDownload.Kind.MODEL, model.path(), model.parts());
    }

    /** The models that the name leaves to choose from. */
    List<GgufModel> models() {
        String path = view.name().path();
        if (GgufModel.isGguf(path)) {
            String first = GgufModel.partPaths(path).getFirst();
            return GgufModel.among(view.files()).stream()
                    .filter(model -> model.path().equals(first))
                    .toList();
        }
        return GgufModel.among(view.inFolder());
    }

    private GgufModel one(List<GgufModel> models) {
        String wanted = view.name().quantization();
        if (wanted.isEmpty()) {
            return only(models, view.name() + " stands for " + models.size() + " GGUF models");
        }
        List<GgufModel> called =
                models.stream().filter(model -> model.isCalled(wanted)).toList();
        if (called.isEmpty()) {
            called = models.stream()
                    .filter(model -> model.isNearlyCalled(wanted))
                    .toList();
        }
        if (called.isEmpty()) {
            throw new HubException(
                    Reason.NOT_FOUND,
                    view.name().repository() + " has no GGUF model of the quantization " + wanted + "; "
                            + (view.complete() ? "it has " : "the cache has ") + list(models) + ".");
        }
        return only(called, view.name() + " stands for " + called.size() + " GGUF models");
    }

    private GgufModel only(List<GgufModel> models, String sentence) {
        if (models.size() == 1) {
            return models.getFirst();
        }
        throw new HubException(
                Reason.AMBIGUOUS,
                sentence + "; name one of them, such as " + example(models) + ": " + list(models) + ".");
    }

    private String example(List<GgufModel> models) {
        return nameOf(
                models.stream()
                        .filter(model -> model.isCalled("Q4_K_M"))
                        .findFirst()
                        .orElse(models.getFirst()),
                models);
    }

    private String nameOf(GgufModel model, List<GgufModel> among) {
        HubName name = view.name();
        String type = model.quantization();
        boolean unique = !type.isEmpty()
                && among.stream().filter(each -> each.isCalled(type)).count() == 1;
        return unique && !GgufModel.isGguf(name.path())
                ? name.withQuantization(type).toString()
                : name.withPath(model.path()).toString();
    }

    private static String list(List<GgufModel> models) {
        String listed = models.stream()
                .limit(MOST_LISTED)
                .map(model -> label(model, models) + " (" + ByteCount.text(model.size()) + ")")
                .collect(Collectors.joining(", "));
        return models.size() > MOST_LISTED ? listed + " and " + (models.size() - MOST_LISTED) + " more" : listed;
    }

    private static String label(GgufModel model, List<GgufModel> models) {
        String type = model.quantization();
        boolean unique = !type.isEmpty()
                && models.stream().filter(each -> each.isCalled(type)).count() == 1;
        return unique ? type : model.path();
    }

    /** What the repository has instead of a GGUF model. */
    private HubException noModel() {
        HubName name = view.name();
        List<GgufModel> others = GgufModel.among(view.files());
        if (!others.isEmpty()) {
            return new HubException(
                    Reason.NOT_FOUND,
                    name.repository() + " has no GGUF model at " + name.path() + "; "
                            + (view.complete() ? "it has " : "the cache has ") + list(others) + ".");
        }
        String plain = name.withQuantization("").toString();
        if (new AdapterChoice(view).isAdapter()) {
            return new HubException(
                    Reason.UNSUITABLE,
                    plain + " is a LoRA adapter, not a model; load the model that it was trained on, and apply the"
                            + " adapter to it: '--model MODEL --adapter " + plain + "'.");
        }
        if (new FolderChoice(view).hasWeights()) {
            return new HubException(
                    Reason.UNSUITABLE,
                    plain + " has no GGUF file; it has safetensors, which 'lem convert --model " + plain
                            + " --save-path FILE.gguf' downloads and converts.");
        }
        return new HubException(
                Reason.UNSUITABLE,
                plain + " has neither a GGUF model nor safetensors" + (view.complete() ? "" : " in the cache")
                        + "; it has " + names() + ". Look for a repository of the same model in GGUF or safetensors.");
    }

    private String names() {
        List<RemoteFile> files = view.inFolder();
        String listed = files.stream().limit(MOST_LISTED).map(RemoteFile::path).collect(Collectors.joining(", "));
        return files.isEmpty() ? "no files there" : files.size() > MOST_LISTED ? listed + " and others" : listed;
    }
}
