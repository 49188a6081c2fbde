package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.TrainingException;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.internal.ggml.RpcDevice;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A training on a device with memory of its own, by its name: llama.cpp's RPC backend, from a process of its own. */
class RpcTrainingIT {

    @RegisterExtension
    static final RpcDevice DEVICE = new RpcDevice();

    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        TrainingRuns.prepare(folder);
    }

    @Test
    void trainingOnADevice_hasTheLossesOfTheProcessor_andResumesThere() throws IOException, InterruptedException {
        new LemTrainer(TrainingRuns.options(folder, "cpu").build()).run();
        child("device", "run");

        List<Double> wanted = losses("cpu");
        List<Double> found = losses("device");
        assertThat(found).hasSameSizeAs(wanted).hasSizeGreaterThan(3);
        for (int i = 0; i < wanted.size(); i++) {
            assertThat(found.get(i)).isCloseTo(wanted.get(i), within(2e-4));
        }
        assertThat(AdapterFiles.readGguf(folder.resolve("device/adapter.gguf")).pairs())
                .hasSize(7);

        // Cancelled in the middle and resumed on the device, it has the bytes of the undisturbed training there.
        child("parts", "cancel");
        assertThat(folder.resolve("parts/adapter.gguf")).doesNotExist();
        child("parts", "run");
        assertThat(folder.resolve("parts/adapter.gguf")).hasSameBinaryContentAs(folder.resolve("device/adapter.gguf"));
    }

    @Test
    void memoryThatIsTooLittle_isThatOfTheDevice() throws IOException, InterruptedException {
        child("small", "small");
        assertThat(Files.readString(folder.resolve("small.log")))
                .contains("needs at least")
                .contains("MB free, of which the model's weights take");
        assertThat(folder.resolve("small/adapter.gguf")).doesNotExist();
    }

    /** The server ends in the middle; the process of the training lives, and another one resumes from its checkpoint. */
    @Test
    void aDeviceThatIsLost_isASentence_andTheTrainingResumes() throws IOException, InterruptedException {
        RpcDevice other = RpcDevice.forOtherProcesses();
        try {
            child(other, "lost", "lose");
        } finally {
            other.stop();
        }
        assertThat(Files.readString(folder.resolve("lost.log")))
                .contains("The training was interrupted.")
                .contains("Remote RPC server crashed")
                .contains("The last good state is in")
                .contains("the process lives: CANCELLED");
        child("undisturbed", "run");
        child("lost", "run");
        assertThat(folder.resolve("lost/adapter.gguf"))
                .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter.gguf"));
    }

    private List<Double> losses(String adapterFolder) throws IOException {
        return JsonLineReader.readAll(folder.resolve(adapterFolder).resolve("events.jsonl")).stream()
                .filter(event -> event.get("event").equals("valid"))
                .map(event -> ((Number) event.get("val_loss")).doubleValue())
                .toList();
    }

    private void child(String adapterFolder, String what) throws IOException, InterruptedException {
        child(DEVICE, adapterFolder, what);
    }

    private void child(RpcDevice device, String adapterFolder, String what) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED"));
        for (String property : List.of("lem.native.path", "lem.native.tools")) {
            String value = System.getProperty(property);
            if (value != null) {
                command.add("-D" + property + "=" + value);
            }
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                RpcTrainingIT.class.getName(),
                device.endpoint(),
                folder.toString(),
                adapterFolder,
                what,
                Long.toString(device.pid())));
        File log = folder.resolve(adapterFolder + ".log").toFile();
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start()
                .waitFor();
        assertThat(status).as(Files.readString(log.toPath())).isZero();
    }

    /** Arguments: the server, the folder of the model, the name of the adapter folder, what to do, and the server's process. */
    public static void main(String[] args) throws IOException {
        String device = RpcDevice.register(args[0]);
        TrainingOptions.Builder options =
                TrainingRuns.options(Path.of(args[1]), args[2]).device(device);
        Cancellation cancellation = new Cancellation();
        TrainingListener listener = event -> {
            if (args[3].equals("cancel") && event instanceof TrainingEvent.Progress && event.iteration() >= 10) {
                cancellation.cancel();
            }
        };
        if (args[3].equals("small")) {
            try {
                new LemTrainer(options.maxMemoryBytes(1000).build()).run();
                throw new IllegalStateException("The training was not refused.");
            } catch (InsufficientMemoryException expected) {
                System.out.println(expected.getMessage());
            }
        } else if (args[3].equals("lose")) {
            ProcessHandle server = ProcessHandle.of(Long.parseLong(args[4])).orElseThrow();
            TrainingListener killer = event -> {
                if (event instanceof TrainingEvent.Progress && event.iteration() == 10) {
                    server.destroyForcibly();
                    server.onExit().join();
                }
            };
            try {
                new LemTrainer(options.build()).resume(killer, cancellation);
                throw new IllegalStateException("The training did not notice.");
            } catch (TrainingException expected) {
                System.out.println(expected.getMessage());
            }
            cancellation.cancel();
            TrainingOptions cpu =
                    TrainingRuns.options(Path.of(args[1]), "after").build();
            System.out.println("the process lives: "
                    + new LemTrainer(cpu)
                            .run(TrainingListener.SILENT, cancellation)
                            .end());
        } else {
            new LemTrainer(options.build()).resume(listener, cancellation);
        }
    }
}
