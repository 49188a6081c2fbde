package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The cache folder of the native build is that of {@link Platform}. */
@EnabledOnOs(OS.LINUX)
class CacheFolderScriptTest {

    private static String folder(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-uc", ". native/common.sh && cache_folder");
        builder.environment().keySet().removeAll(java.util.Set.of("HOME", "XDG_CACHE_HOME", "TMPDIR"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void absoluteFoldersAreTaken_andRelativeOnesIgnored() throws IOException {
        Map<String, String> home = new HashMap<>(Map.of("HOME", "/home/a"));
        for (String xdg : new String[] {"/c", "rel", "", "./rel"}) {
            home.put("XDG_CACHE_HOME", xdg);
            assertThat(folder(home))
                    .isEqualTo(CacheFolder.of("linux", xdg, "/home/a")
                            .orElseThrow()
                            .toString());
        }
    }

    @Test
    void withoutAHome_theCacheLiesAmongTheTemporaryFiles() throws IOException {
        assertThat(folder(Map.of("XDG_CACHE_HOME", "rel"))).matches("/tmp/lem-cache-\\d+");
        assertThat(folder(Map.of("HOME", "", "TMPDIR", "/var/tmp"))).matches("/var/tmp/lem-cache-\\d+");
    }
}
