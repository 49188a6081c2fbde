package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its paths are not absolute there")
class CacheFolderTest {

    @ParameterizedTest
    @CsvSource({
        "linux, /c, /home/a, /c/lem",
        "linux, , /home/a, /home/a/.cache/lem",
        "linux, '', /home/a, /home/a/.cache/lem",
        "linux, rel, /home/a, /home/a/.cache/lem",
        "linux, ./rel, /home/a, /home/a/.cache/lem",
        "macos, , /Users/a, /Users/a/Library/Caches/lem",
        "macos, /c, /Users/a, /c/lem",
        "linux, /c, ?, /c/lem"
    })
    void cacheFolder_isInTheFirstAbsolutePlace(
            String os, @Nullable String xdg, @Nullable String home, String expected) {
        assertThat(CacheFolder.of(os, xdg, home)).contains(Path.of(expected));
    }

    @ParameterizedTest
    @CsvSource({", ", ", ?", "rel, ?", "rel, ''", "'', home/a", ", .", "?, ?"})
    void withoutAnAbsoluteHome_thereIsNoCacheFolder(@Nullable String xdg, @Nullable String home) {
        assertThat(CacheFolder.of("linux", xdg, home)).isEmpty();
        assertThat(CacheFolder.of("macos", xdg, home)).isEmpty();
    }

    @Test
    void nameThatIsNoPath_isIgnored() {
        assertThat(CacheFolder.of("linux", "/a\0b", "/home/a")).contains(Path.of("/home/a/.cache/lem"));
    }
}
