package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables of Python's clients, with their meaning. */
class HubOptionsTest {

    @TempDir
    private Path home;

    private HubOptions options(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return HubOptions.fromEnvironment(environment, home);
    }

    @Test
    void withoutVariables_itIsTheHubAndTheUsualCache() {
        assertThat(options().endpoint()).hasToString("https://huggingface.co");
        assertThat(options().cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(options().isOffline()).isFalse();
        assertThat(options().hasToken()).isFalse();
        assertThat(options().symlinks()).isTrue();
        assertThat(options().patience().connect()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void cache_isTheMostExactVariable() {
        assertThat(options("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(options("XDG_CACHE_HOME", "/x", "HF_HOME", "/h").cache()).isEqualTo(Path.of("/h/hub"));
        assertThat(options("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/o").cache())
                .isEqualTo(Path.of("/o"));
        assertThat(options("HUGGINGFACE_HUB_CACHE", "/o", "HF_HUB_CACHE", "/c").cache())
                .isEqualTo(Path.of("/c"));
        assertThat(options("HF_HUB_CACHE", "~/models").cache()).isEqualTo(home.resolve("models"));
        assertThat(options("HF_HUB_CACHE", "$BIG/hub", "BIG", "/disk").cache()).isEqualTo(Path.of("/disk/hub"));
    }

    @ParameterizedTest
    @CsvSource({"1, true", "true, true", "ON, true", "yes, true", "0, false", "no, false", "'', false"})
    void offline_isSaidAsInPython(String value, boolean offline) {
        assertThat(options("HF_HUB_OFFLINE", value).isOffline()).isEqualTo(offline);
        assertThat(options("TRANSFORMERS_OFFLINE", value).isOffline()).isEqualTo(offline);
    }

    @Test
    void token_isTheVariableElseTheFile_andIsNeverShown() throws IOException {
        Files.writeString(home.resolve("t"), "fileToken\n");

        HubOptions named = options(
                "HF_TOKEN", " hf_secret ", "HF_TOKEN_PATH", home.resolve("t").toString());
        assertThat(named.token().orElseThrow().header()).isEqualTo("Bearer hf_secret");
        assertThat(named.token().orElseThrow().toString()).isEqualTo("token in the environment variable HF_TOKEN");
        HubOptions filed = options("HF_TOKEN_PATH", home.resolve("t").toString());
        assertThat(filed.token().orElseThrow().header()).isEqualTo("Bearer fileToken");
        assertThat(options("HF_TOKEN", "hf_secret", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
                        .hasToken())
                .isFalse();
        assertThatThrownBy(() -> options("HF_TOKEN", "hf_sec\nret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The token in the environment variable HF_TOKEN contains a space")
                .hasMessageNotContaining("hf_sec");
    }

    @ParameterizedTest
    @ValueSource(strings = {"huggingface.co", "ftp://mirror", "http://", "http://user:secret@mirror", "http://m/?q=1"})
    void endpointThatIsNotAnAddress_isRefused(String address) {
        assertThatThrownBy(() -> options("HF_ENDPOINT", address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HF_ENDPOINT")
                .hasMessageNotContaining("secret");
    }

    @Test
    void times_areWholeSeconds() {
        HubOptions patient = options("HF_HUB_ETAG_TIMEOUT", "40", "HF_HUB_DOWNLOAD_TIMEOUT", "90");

        assertThat(patient.patience().answer()).isEqualTo(Duration.ofSeconds(40));
        assertThat(patient.patience().stall()).isEqualTo(Duration.ofSeconds(90));
        assertThatThrownBy(() -> options("HF_HUB_ETAG_TIMEOUT", "soon"))
                .hasMessage("The environment variable HF_HUB_ETAG_TIMEOUT is 'soon'; it should be a number of seconds,"
                        + " from 1 to 999999.");
    }
}
