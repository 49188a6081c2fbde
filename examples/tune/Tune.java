// Asks a model, trains it, asks it again with the adapter merged in. After `make build`, in the project's folder:
//   java --enable-native-access=ALL-UNNAMED -cp 'target/lem.jar:target/lib/*' examples/tune/Tune.java [MODEL [FOLDER]]

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.AbTable;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingListener;
import io.lethean.lem.train.options.TrainingOptions;
import io.lethean.lem.train.TrainingResult;

static final ModelOptions SERVED = ModelOptions.builder().threads(1).contextTokens(2048).build();

void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments.length > 0 ? arguments[0] : "models/lem-nano.gguf");
    Path folder = Path.of(arguments.length > 1 ? arguments[1] : "target/tune");
    IO.println(compare(model, folder.resolve("before.jsonl")));

    TrainingOptions options = TrainingOptions.builder(model, Path.of("examples/tune/data"), folder.resolve("adapter"))
            .iterations(6).batchSize(2).learningRate(5e-4).maskPrompt(true).threads(1).build();
    TrainingResult trained = new LemTrainer(options).resume(TrainingListener.SILENT, new Cancellation());
    IO.println(String.format(
            Locale.ROOT,
            "Trained %d iterations, best validation loss %.3f",
            trained.iterations(),
            trained.bestLoss()));

    try (LemModel served = LemModel.load(model, SERVED)) {
        List<String> answers = List.of(" Ask her first.", " Take it.");
        IO.println("Log-likelihoods before " + served.logLikelihood("May I read her diary?", answers));
        served.setAdapters(List.of(AdapterUse.of(trained.adapter())));
        IO.println("Log-likelihoods after  " + served.logLikelihood("May I read her diary?", answers));
    }

    Path merged = folder.resolve("merged.gguf");
    IO.println(Fuse.run(FuseOptions.of(model, trained.adapter(), merged)).text());
    IO.println(compare(merged, folder.resolve("after.jsonl")));
}

/** Asks three probes with and without a kernel. */
static String compare(Path model, Path output) throws IOException {
    AbPlan plan = new AbPlan(
            ModelIdentity.of(model, "llama.cpp " + LemModel.llamaCppVersion()),
            List.of(Kernel.read("lek=kernel/lek-1-kernel.txt")),
            ProbeFile.read(Path.of("seeds/P01-P20.json")).subList(0, 3),
            GenerationOptions.builder().maxTokens(40).build());
    try (LemModel served = LemModel.load(model, SERVED)) {
        AbResult result = new AbRunner(plan, () -> served, RunListener.SILENT).run(output, true);
        return AbTable.of(result.summary(), result.probes());
    }
}
