package io.lethean.lem.evaluation.internal.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.kernel.Kernel;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedRunTest {

    private static List<String> files(String name) {
        return PublishedRun.named(name).stream().map(PublishedRun::file).toList();
    }

    @Test
    void modelsAreFoundByTheLabelsOfTablesAndByFiles() {
        assertThat(files("gemma 3 12b"))
                .containsExactly("ab-p100-gemma3-12b-mlxlm.jsonl", "ab-base-gemma3-12b-mlxlm.jsonl");
        assertThat(files("LEK-1B")).containsExactly("ab-p100-lek-gemma3-1b-mlxlm.jsonl");
        assertThat(files("LEK-1B v2 LoRA")).containsExactly("ab-lora-1b-mlxlm.jsonl");
        assertThat(files("lora-1b")).containsExactly("ab-lora-1b-mlxlm.jsonl");
        assertThat(files("base-27b")).containsExactly("ab-base-27b-mlxlm.jsonl");
    }

    @Test
    void p100IsOverAHundredProbes() {
        assertThat(PublishedRun.named("Gemma3 4B"))
                .extracting(PublishedRun::isOverHundredProbes)
                .containsExactly(true, false);
        assertThat(PublishedRun.all()).hasSizeGreaterThan(30);
    }

    @Test
    void anUnknownModel_isRefusedWithTheNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PublishedRun.named("Gemma 9"))
                .withMessageContaining("the models are Gemma3 12B, Gemma3 27B, Gemma3 4B, Qwen3 8B, LEK-1B,");
    }

    @Test
    void publishedKernelsAreRecognised() throws IOException {
        Kernel json = Kernel.read("json", Fixtures.require("lem/kernel/claude-native.extracted.json"));
        Kernel txt = Kernel.read("txt", Fixtures.require("lem/kernel/lek-1-kernel.txt"));
        Kernel axioms = Kernel.read("json", Fixtures.require("lem/kernel/axioms.json"));

        assertThat(PublishedRun.isPublished(json)).isTrue();
        assertThat(PublishedRun.isPublished(txt)).isTrue();
        assertThat(PublishedRun.isPublished(axioms)).isFalse();
        assertThat(PublishedRun.isPublished(new Kernel("txt", json.text(), json.sha256())))
                .isFalse();
    }
}
