package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeSpecTest {

    @Test
    void eachKindIsRead() {
        assertThat(JudgeSpec.parse("gemini")).isEqualTo(new JudgeSpec.Gemini("gemini-2.0-flash"));
        assertThat(JudgeSpec.parse("gemini=gemini-x")).isEqualTo(new JudgeSpec.Gemini("gemini-x"));
        assertThat(JudgeSpec.parse("openai=http://h:1/v1?a=b#m/x"))
                .isEqualTo(new JudgeSpec.OpenAi("http://h:1/v1?a=b", "m/x"));
        assertThat(JudgeSpec.parse("openai=http://h:1")).isEqualTo(new JudgeSpec.OpenAi("http://h:1", "default"));
        for (String text : new String[] {"hf:org/name:Q8_0", "local=hf:org/name:Q8_0"}) {
            assertThat(JudgeSpec.parse(text)).isEqualTo(new JudgeSpec.Local(Path.of("hf:org/name:Q8_0")));
        }
        assertThat(JudgeSpec.parse("local=models/a=b.gguf")).isEqualTo(new JudgeSpec.Local(Path.of("models/a=b.gguf")));
        assertThat(JudgeSpec.parse("http://h:1#m")).isEqualTo(new JudgeSpec.OpenAi("http://h:1", "m"));
        assertThat(JudgeSpec.parse("HTTPS://h:1/v1 #m ")).isEqualTo(new JudgeSpec.OpenAi("HTTPS://h:1/v1", "m"));
        assertThat(JudgeSpec.parse("openai= http://h_1/ ")).isEqualTo(new JudgeSpec.OpenAi("http://h_1/", "default"));
        assertThat(JudgeSpec.parse("http://h:1#")).isEqualTo(new JudgeSpec.OpenAi("http://h:1", "default"));
        assertThat(JudgeSpec.parse("a/b.gguf")).isEqualTo(new JudgeSpec.Local(Path.of("a/b.gguf")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "claude", "openai", "openai=", "local", "h:1", "judge.bin"})
    void anythingElseIsRefusedInOneSentence(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JudgeSpec.parse(text))
                .withMessage("\"" + text
                        + "\" is not a judge; name one as gemini[=MODEL], openai=URL[#MODEL] or local=FILE.");
    }
}
