package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MutatedAdapterTest {

    /** Per format and file; over 500 in all. */
    private static final int MUTATIONS = 220;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(AdapterFormat.class)
    void damagedAdapterIsReadOrRefusedWithATypedException(AdapterFormat format) throws IOException {
        mutate(format, AdapterExamples.model("llama"));
    }

    @ParameterizedTest
    @EnumSource(AdapterFormat.class)
    void damagedAdapterOfExpertsIsReadOrRefusedWithATypedException(AdapterFormat format) throws IOException {
        mutate(format, AdapterExamples.mixture("gpt-oss"));
    }

    private void mutate(AdapterFormat format, ModelOutline model) throws IOException {
        Path path = folder.resolve("adapter");
        AdapterFiles.write(AdapterExamples.everything(model, 8, 9), model, format, path, "base");
        SplittableRandom random = new SplittableRandom(format.ordinal());
        int refused = 0;
        for (Path file : files(path, format)) {
            byte[] original = Files.readAllBytes(file);
            for (int i = 0; i < MUTATIONS; i++) {
                Files.write(file, mutated(original, random));
                refused += readAll(path, model, i) ? 0 : 1;
            }
            Files.write(file, original);
        }
        assertThat(readAll(path, model, -1)).as("the adapter itself is fine").isTrue();
        assertThat(refused).as("mutations reach the checks").isGreaterThan(MUTATIONS / 3);
    }

    private static Path[] files(Path path, AdapterFormat format) {
        Path config = path.resolve(AdapterConfig.FILE_NAME);
        return switch (format) {
            case GGUF -> new Path[] {path};
            case PEFT -> new Path[] {path.resolve(PeftAdapter.WEIGHTS), config};
            case MLX -> new Path[] {path.resolve(MlxAdapter.WEIGHTS), config};
        };
    }

    private static boolean readAll(Path path, ModelOutline model, int mutation) {
        try {
            for (LoraPair pair : AdapterFiles.read(path, model).pairs()) {
                pair.a().values();
                pair.b().values();
            }
            return true;
        } catch (InvalidModelException | IOException | UncheckedIOException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        } catch (RuntimeException | Error e) {
            return fail("mutation " + mutation + " got past the checks", e);
        }
    }

    /** Bit flips, random bytes, digits exchanged, pieces cut, doubled or moved; mostly in the header. */
    private static byte[] mutated(byte[] original, SplittableRandom random) {
        byte[] bytes = original.clone();
        int header = Math.min(bytes.length, 3000);
        switch (random.nextInt(6)) {
            case 0 -> bytes[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> {
                for (int i = 0; i < 8; i++) {
                    bytes[random.nextInt(header)] = (byte) random.nextInt(256);
                }
            }
            case 2 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 3 -> Arrays.fill(bytes, header / 2, header / 2 + random.nextInt(header / 2), (byte) 0xFF);
            case 4 -> exchangeDigit(bytes, header, random);
            default -> {
                int from = random.nextInt(header);
                int length = random.nextInt(header - from);
                System.arraycopy(original, from, bytes, random.nextInt(header - length), length);
            }
        }
        return bytes;
    }

    private static void exchangeDigit(byte[] bytes, int header, SplittableRandom random) {
        int start = random.nextInt(header);
        for (int i = 0; i < header; i++) {
            int at = (start + i) % header;
            if (Character.isDigit(bytes[at])) {
                bytes[at] = (byte) ('0' + random.nextInt(10));
                return;
            }
        }
    }
}
