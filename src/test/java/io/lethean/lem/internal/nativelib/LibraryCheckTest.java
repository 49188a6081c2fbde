package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LibraryCheckTest {

    private static final String FOLDER = Path.of("folder").toString();

    private final LibraryCheck check = new LibraryCheck(Path.of("folder"));

    @Test
    void missingFunctionsAreNamedUpToFive() {
        List<String> functions = List.of("a", "b", "c", "d", "e", "f", "g");
        SymbolLookup onlyA = name -> name.equals("a") ? Optional.of(MemorySegment.NULL) : Optional.empty();

        assertThatThrownBy(() -> check.symbols(functions, onlyA))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessage(
                        "The native libraries in " + FOLDER + " do not fit this version of LEM: they lack 6 of the 7"
                                + " functions that LEM calls (b, c, d, e, f and 1 more). Take both from one release, or run make"
                                + " native again.");
    }

    @Test
    void anotherVersionOfTheShimIsRefused() {
        int other = LlamaCpp.LEM_SHIM_ABI() + 1;

        assertThatThrownBy(() -> check.abi(other))
                .hasMessageContaining("have version " + other
                        + " of the shim's interface, and these classes need version " + LlamaCpp.LEM_SHIM_ABI());
    }

    @Test
    void anotherSourceIsRefused() {
        assertThatThrownBy(() -> check.source(new Pin("v1", "aaaa"), "v2", "bbbb"))
                .hasMessageContaining(
                        "were built from llama.cpp v2 (git tree bbbb), and these classes need v1 (git tree aaaa)");
    }

    @Test
    void aStructOfAnotherSizeIsRefused() {
        assertThatThrownBy(() -> check.structs(List.of("llama_batch"), name -> 8))
                .hasMessageContaining("lay out the struct llama_batch in 8 bytes, and these classes in 56");
    }

    @Test
    void thePinAndTheIncludeListAreInTheJar() {
        assertThat(Pin.read().tree()).matches("[0-9a-f]{40}");
        assertThat(Pin.names("function"))
                .contains("llama_decode", "lem_decode", "ggml_init")
                .doesNotHaveDuplicates();
        assertThat(Pin.names("struct")).contains("llama_batch", "ggml_tensor");
    }
}
