package io.lethean.lem.evaluation.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelNameTest {

    @ParameterizedTest
    @CsvSource({
        "/home/me/models/a.gguf, a.gguf",
        "models/a.gguf, a.gguf",
        "../a b/c.GGUF, c.GGUF",
        "~/m/c.gguf, c.gguf",
        "C:\\models\\c.gguf, c.gguf",
        "/data/model/, model",
        "organisation/model, organisation/model",
        "gemini-2.0-flash, gemini-2.0-flash",
        "'made-up model, 24 probes', 'made-up model, 24 probes'",
        "/m/a.gguf + /t/adapters + b.gguf x 0.5, a.gguf + adapters + b.gguf x 0.5",
        "/, /"
    })
    void pathsAreReducedToTheirLastComponent(String recorded, String shown) {
        assertThat(ModelName.shown(recorded)).isEqualTo(shown);
    }
}
