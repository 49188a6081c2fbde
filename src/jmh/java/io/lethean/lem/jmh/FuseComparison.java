package io.lethean.lem.jmh;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.quantize.OutputTypes;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Merging into a random model against llama.cpp's own llama-export-lora and against {@code cp} of the result, whole
 * processes in alternation. LEM's file is on the disk when it ends, so {@code sync} of the copy is counted too.
 *
 * <p>Arguments: the path of llama-export-lora (or {@code -} for {@code cp} alone), a folder for models (7 GB), and
 * optionally the number of rounds (3) and of threads (2). Both write F16. Printed are wall times, peak resident memory
 * and the largest difference of the outputs in units of the last place. With {@code merge MODEL ADAPTER OUTPUT THREADS} it is the process that is measured.
 */
public final class FuseComparison {

    private static final int RANK = 8;

    private FuseComparison() {}

    /** One run of a process. */
    private record Run(double seconds, long peakKilobytes) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments[0].equals("merge")) {
            FuseOptions options = FuseOptions.of(Path.of(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]));
            System.out.print(
                    Fuse.run(options.withThreads(Integer.parseInt(arguments[4])).withTypes(OutputTypes.parse("f16")))
                            .text());
            return;
        }
        String reference = arguments[0];
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        int threads = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 2;
        System.out.println("model  round  export-lora s  MB    LEM s   MB    cp s  LEM / export-lora  LEM / cp");
        long small = compare("100m", RandomModel.hundredMillion(), reference, folder, rounds, threads);
        long large = compare("1b", RandomModel.oneBillion(), reference, folder, rounds, threads);
        System.out.printf(Locale.ROOT, "peak memory of LEM, 1b / 100m: %.3f%n", (double) large / small);
    }

    private static long compare(String name, RandomModel shape, String reference, Path folder, int rounds, int threads)
            throws IOException, InterruptedException {
        Path model = folder.resolve(name + ".gguf");
        Path adapter = folder.resolve(name + "-adapter.gguf");
        Path theirs = folder.resolve(name + "-export-lora.gguf");
        Path ours = folder.resolve(name + "-lem.gguf");
        Path copy = folder.resolve(name + "-copy.gguf");
        shape.write(model, 1);
        writeAdapter(model, adapter);
        List<String> theirCommand = List.of(
                reference,
                "-m",
                model.toString(),
                "--lora",
                adapter.toString(),
                "-o",
                theirs.toString(),
                "-t",
                Integer.toString(threads));
        List<String> ourCommand = ourCommand(model, adapter, ours, threads);
        boolean alone = reference.equals("-");
        double[] ratios = new double[rounds];
        double[] copied = new double[rounds];
        long peak = 0;
        for (int round = 0; round < rounds; round++) {
            Run first = alone ? new Run(Double.NaN, 0) : afresh(theirCommand, theirs);
            Run second = afresh(ourCommand, ours);
            Run third = afresh(
                    List.of("sh", "-c", "cp \"$0\" \"$1\" && sync \"$1\"", ours.toString(), copy.toString()), copy);
            ratios[round] = second.seconds() / first.seconds();
            copied[round] = second.seconds() / third.seconds();
            peak = Math.max(peak, second.peakKilobytes());
            System.out.printf(
                    Locale.ROOT,
                    "%-5s  %5d  %13.2f  %4d  %6.2f  %4d  %6.2f  %17.3f  %8.3f%n",
                    name,
                    round + 1,
                    first.seconds(),
                    first.peakKilobytes() / 1000,
                    second.seconds(),
                    second.peakKilobytes() / 1000,
                    third.seconds(),
                    ratios[round],
                    copied[round]);
        }
        Arrays.sort(ratios);
        Arrays.sort(copied);
        System.out.printf(Locale.ROOT, "%-5s  median LEM / cp %.3f%n", name, copied[rounds / 2]);
        if (!alone) {
            System.out.printf(
                    Locale.ROOT,
                    "%-5s  median LEM / export-lora %.3f; %s%n",
                    name,
                    ratios[rounds / 2],
                    difference(theirs, ours));
        }
        for (Path made : List.of(theirs, ours, copy)) {
            Files.deleteIfExists(made);
        }
        return peak;
    }

    private static void writeAdapter(Path model, Path adapter) throws IOException {
        ModelOutline outline = ModelOutline.read(model);
        SplittableRandom random = new SplittableRandom(2);
        List<LoraPair> pairs = new ArrayList<>();
        for (String tensor : outline.shapes().keySet().stream().sorted().toList()) {
            if (tensor.matches("blk\\.\\d+\\.(attn_(q|k|v|output)|ffn_(gate|up|down))\\.weight")) {
                List<Long> shape = outline.shape(tensor).orElseThrow();
                int inputs = shape.get(0).intValue();
                int outputs = shape.get(1).intValue();
                pairs.add(new LoraPair(
                        tensor,
                        Factor.of(RANK, inputs, values(RANK * inputs, random)),
                        Factor.of(outputs, RANK, values(outputs * RANK, random))));
            }
        }
        AdapterFiles.writeGguf(Adapter.of(outline.architecture(), 16, pairs), adapter);
    }

    private static float[] values(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-0.02, 0.02);
        }
        return values;
    }

    /** As the {@code lem} script starts Java. */
    private static List<String> ourCommand(Path model, Path adapter, Path output, int threads) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-Dlem.native.path=" + System.getProperty("lem.native.path"),
                "-cp",
                System.getProperty("java.class.path"),
                FuseComparison.class.getName(),
                "merge",
                model.toString(),
                adapter.toString(),
                output.toString(),
                Integer.toString(threads));
    }

    /** Neither finds its output there already, or the disk still busy with what the other left. */
    private static Run afresh(List<String> command, Path output) throws IOException, InterruptedException {
        Files.deleteIfExists(output);
        run(List.of("sync"));
        return run(command);
    }

    private static Run run(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        long peak = 0;
        while (process.isAlive()) {
            peak = Math.max(peak, peakKilobytes(process.pid()));
            Thread.sleep(5);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (process.waitFor() != 0) {
            throw new IllegalStateException("This ended with code " + process.exitValue() + ": " + command);
        }
        return new Run(seconds, peak);
    }

    /** The most memory that a process had resident so far, 0 once it is gone. Linux only. */
    private static long peakKilobytes(long process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private static String difference(Path theirs, Path ours) throws IOException {
        GgufFile first = GgufFile.read(theirs);
        GgufFile second = GgufFile.read(ours);
        int largest = 0;
        long changed = 0;
        long numbers = 0;
        try (GgufTensorData firstData = GgufTensorData.open(first);
                GgufTensorData secondData = GgufTensorData.open(second)) {
            for (GgufTensor tensor : first.tensors()) {
                GgufTensor same = second.tensor(tensor.name()).orElseThrow();
                byte[] one = firstData.bytes(tensor);
                byte[] other = secondData.bytes(same);
                if (tensor.type() != same.type() || tensor.type() != GgmlType.F16 && !Arrays.equals(one, other)) {
                    throw new IllegalStateException(tensor.name() + " differs between the two outputs.");
                }
                for (int i = 0; tensor.type() == GgmlType.F16 && i < one.length; i += 2) {
                    int distance = Math.abs(ordered(one, i) - ordered(other, i));
                    largest = Math.max(largest, distance);
                    changed += distance == 0 ? 0 : 1;
                    numbers++;
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "outputs differ by at most %d unit(s) in the last place, in %.4f %% of %d F16 numbers",
                largest,
                100.0 * changed / numbers,
                numbers);
    }

    /** The bits of a 16-bit float as a number that grows with it. */
    private static int ordered(byte[] bytes, int at) {
        int bits = bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
        return (bits & 0x8000) == 0 ? bits : -(bits & 0x7FFF);
    }
}
