package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.HubException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubNameTest {

    @Test
    void eachPart_isReadAndWrittenAgain() {
        assertThat(HubName.parse("hf:org/name")).isEqualTo(new HubName("org/name", "", "", ""));
        assertThat(HubName.parse("hf:org/name:Q4_K_M")).isEqualTo(new HubName("org/name", "", "", "Q4_K_M"));
        assertThat(HubName.parse("hf:org/name/file.gguf@main"))
                .isEqualTo(new HubName("org/name", "file.gguf", "main", ""));
        assertThat(HubName.parse("hf:a-b.c/d_e.F-1.5B/sub/dir@refs/pr/1:UD-Q4_K_XL"))
                .isEqualTo(new HubName("a-b.c/d_e.F-1.5B", "sub/dir", "refs/pr/1", "UD-Q4_K_XL"))
                .hasToString("hf:a-b.c/d_e.F-1.5B/sub/dir@refs/pr/1:UD-Q4_K_XL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "org/name",
                "hf:",
                "hf:name",
                "hf:/name",
                "hf:org/",
                "hf:org/name/",
                "hf:org/name@",
                "hf:org/name:",
                "hf:org/name:Q8_0@main",
                "hf:org/name@a@b",
                "hf:org/na me",
                "hf:org/name.git",
                "hf:org/na--me",
                "hf:-org/name",
                "hf:../name",
                "hf:org/name/../../x",
                "hf:org/name/a//b",
                "hf:org/name/a\\b",
                "hf:org/name/./x",
                "hf:org/name@../../x",
                "hf:org/name@a b",
                "hf:org/name/file.gguf:Q8_0",
                "hf://org/name",
                "hf:org/name:Q8 0"
            })
    void otherForms_areRefusedWithTheForm(String text) {
        assertThatThrownBy(() -> HubName.parse(text))
                .isInstanceOfSatisfying(
                        HubException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(HubException.Reason.INVALID_NAME))
                .hasMessageEndingWith("; write hf:org/name, hf:org/name:Q4_K_M or hf:org/name/file.gguf@main.");
    }

    @Test
    void nameThatIsTooLong_isNotQuotedWhole() {
        assertThatThrownBy(() -> HubName.parse("hf:org/" + "x".repeat(100_000)))
                .isInstanceOf(HubException.class)
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(1300));
        assertThatThrownBy(() -> HubName.parse("hf:org/" + "x".repeat(93))).hasMessageContaining("at most 96");
    }

    @Test
    void onlyFortyHexDigits_areACommit() {
        assertThat(HubName.parse("hf:a/b@" + "0123456789".repeat(4)).isCommit()).isTrue();
        assertThat(HubName.parse("hf:a/b@0123abc").isCommit()).isFalse();
    }
}
