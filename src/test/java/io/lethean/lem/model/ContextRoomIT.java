package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.internal.ggml.NativeDevice;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.llama.ContextParameters;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import io.lethean.lem.internal.llama.MemoryUse;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The room for contexts of likelihoods and embeddings, against contexts that are made. */
class ContextRoomIT {

    @TempDir
    private Path folder;

    private ModelLoader.Loaded loaded;

    @BeforeEach
    void load() throws IOException {
        Path file = folder.resolve("llama.gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).write(file, 1);
        NativeLibraries.load();
        loaded = new ModelLoader(GgufFile.read(file), LemModelIT.ONE_THREAD).load();
    }

    @AfterEach
    void close() {
        loaded.close();
    }

    private List<ContextParameters> wanted() {
        LoadPlan plan = loaded.plan();
        return List.of(
                plan.scoringParameters(1024),
                plan.embeddingParameters(Output.TOKEN_EMBEDDINGS, 512),
                plan.embeddingParameters(Output.TOKEN_EMBEDDINGS, 2048));
    }

    @Test
    void whatIsNeeded_isWhatTheContextTakes() {
        for (ContextParameters parameters : wanted()) {
            ContextRoom room = ContextRoom.of(loaded.plan(), parameters, Long.MAX_VALUE, List.of());
            try (NativeContext context = loaded.model().createContext(parameters)) {
                long records =
                        64L * parameters.size().cells() * parameters.size().sequences();
                long taken = MemoryUse.of(context).hostContextBytes() + records;
                assertThat((double) room.needed()).isCloseTo(taken, within(0.02 * taken));
            }
            assertThat(room.suffices()).isTrue();
        }
    }

    @Test
    void memoryThatIsAByteShort_isNotEnough_onTheProcessorAndOnADevice() {
        for (ContextParameters parameters : wanted()) {
            long needed = ContextRoom.of(loaded.plan(), parameters, Long.MAX_VALUE, List.of())
                    .needed();
            assertThat(ContextRoom.of(loaded.plan(), parameters, needed, List.of())
                            .suffices())
                    .isTrue();
            assertThat(ContextRoom.of(loaded.plan(), parameters, needed - 1, List.of()))
                    .isEqualTo(new ContextRoom(needed, needed - 1));
        }
        NativeDevice absent = new NativeDevice(
                MemorySegment.NULL, "GPU7", "without any part of this model", NativeDevice.Kind.GPU, 0, 10);
        assertThat(ContextRoom.of(loaded.plan(), wanted().getFirst(), Long.MAX_VALUE, List.of(absent))
                        .suffices())
                .isTrue();
    }
}
