package io.lethean.lem.evaluation.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.report.RunStatus;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run records of the machine that answers, and what it says if another one continues. */
class LocalAnswersIT {

    private static final NamedModel MODEL = NamedModel.of(
            Path.of("models/lem-nano.gguf"),
            List.of(),
            ModelOptions.builder().contextTokens(256).threads(1).device("cpu").build());

    @TempDir
    private Path folder;

    private Path output() {
        return folder.resolve("ab.jsonl");
    }

    private void run() throws IOException {
        AbPlan plan = new AbPlan(
                MODEL.identity(),
                List.of(Kernel.ofText("kind", "Be kind.")),
                AbRuns.probes(2),
                GenerationOptions.builder().maxTokens(2).build());
        try (OnDemandModel loaded = new OnDemandModel(MODEL)) {
            new AbRunner(plan, loaded, RunListener.SILENT).run(output(), false);
        }
    }

    /** The warnings of the logger that applications see. */
    private static List<String> warningsOf(Run run) throws IOException {
        List<String> warnings = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                warnings.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("io.lethean.lem.evaluation");
        logger.addHandler(handler);
        try {
            run.run();
        } finally {
            logger.removeHandler(handler);
        }
        return warnings;
    }

    private interface Run {
        void run() throws IOException;
    }

    /** Leaves the first answers, as another kind of machine would have recorded them. */
    private void beOfAnotherMachine() throws IOException {
        Path log = RunFiles.logOf(output());
        List<String> lines = Files.readAllLines(log).stream()
                .map(line -> line.replaceFirst("\"kernels\": \"[^\"]*\"", "\"kernels\": \"libggml-cpu-other.so 0123\""))
                .toList();
        Files.write(log, lines.subList(0, lines.size() / 2));
        Files.delete(output());
    }

    @Test
    void machineIsRecorded_andTheSameOneGoesOnInSilence() throws IOException {
        run();
        assertThat(AbRuns.logLines(output(), "answer"))
                .hasSize(4)
                .allSatisfy(line -> assertThat(line)
                        .containsEntry("machine", Machine.here("cpu").fields()));
        Path log = RunFiles.logOf(output());
        List<String> lines = Files.readAllLines(log);
        Files.write(log, lines.subList(0, lines.size() / 2));
        Files.delete(output());

        assertThat(warningsOf(this::run)).isEmpty();
        assertThat(RunStatus.of(output()).getFirst().machines()).hasSize(1);
    }

    @Test
    void anotherKindOfMachine_goesOnWithAWarning_andTheStatusNamesBoth() throws IOException {
        run();
        beOfAnotherMachine();

        assertThat(warningsOf(this::run))
                .singleElement()
                .asString()
                .contains("libggml-cpu-other.so 0123")
                .contains(Machine.here("cpu").kernels());
        List<RunStatus> status = RunStatus.of(output());
        assertThat(status.getFirst().machines()).hasSize(2);
        assertThat(RunStatus.toText(status))
                .contains("ab.jsonl has answers of 2 kinds of machines")
                .contains("computed by cpu, libggml-cpu-other.so 0123");
    }

    @Test
    void runOfSeveralKindsOfMachines_isNotContinuedAsOneKind() {
        Machine one = new Machine("cpu", "a 1", "p", "host-1");
        Machine other = new Machine("cpu", "b 2", "p", "host-2");

        assertThat(Machine.only(List.of())).isEmpty();
        assertThat(Machine.only(List.of(one))).contains(one);
        assertThatThrownBy(() -> Machine.only(List.of(one, other)))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("host-1 (cpu, a 1) and by host-2 (cpu, b 2)")
                .hasMessageContaining("allow a mix");
    }
}
