package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.SafetensorsBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations of PEFT that may not fit the base model, on one adapter of a single tensor. */
class PeftDoubtsTest {

    @TempDir
    Path folder;

    @BeforeEach
    void weights() throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        String module = "base_model.model.model.layers.1.self_attn.v_proj";
        new SafetensorsBytes()
                .f32(
                        module + ".lora_A.weight",
                        2,
                        AdapterExamples.INPUTS,
                        AdapterExamples.values(2 * AdapterExamples.INPUTS, random))
                .f32(module + ".lora_B.weight", 12, 2, AdapterExamples.values(12 * 2, random))
                .write(folder.resolve("adapter_model.safetensors"));
    }

    private void config(String extra) throws IOException {
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":6,\"bias\":\"none\"" + extra + "}");
    }

    private void assertReadWithoutNotes() throws IOException {
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model("llama"));
        assertThat(adapter.alpha()).isEqualTo(6);
        assertThat(adapter.notes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"true", "false", "null", "\"gaussian\"", "\"Gaussian\"", "\"eva\"", "\"orthogonal\"", "\"mica\""
            })
    void initialisationThatLeavesTheBaseAlone_isRead(String init) throws IOException {
        config(",\"init_lora_weights\":" + init);
        assertReadWithoutNotes();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "init_lora_weights":"pissa"         | initialised by pissa, which changes the base model's own weights
            "init_lora_weights":"pissa_niter_4" | initialised by pissa_niter_4, which changes the base
            "init_lora_weights":"olora"         | initialised by olora, which changes the base
            "init_lora_weights":"OLoRA"         | initialised by OLoRA, which changes the base
            "init_lora_weights":"corda"         | initialised by corda, which changes the base
            "init_lora_weights":"loftq"         | initialised by loftq, which changes the base
            "init_lora_weights":"lora_ga"       | initialised by lora_ga, which changes the base
            "init_lora_weights":"novel"         | initialised by novel, which is not known here
            "init_lora_weights":3               | initialised by 3, which is not known here
            "novel_config":{"k":1}              | has a section novel_config, which is not known here
            "novel_layers":[1]                  | has a section novel_layers, which is not known here
            "use_novel":true                    | has a section use_novel, which is not known here
            """)
    void whatMayNotFitTheBaseIsRefusedByName_unlessForced(String json, String message) throws IOException {
        config("," + json);
        ModelOutline model = AdapterExamples.model("llama");
        assertThatThrownBy(() -> AdapterFiles.read(folder, model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("AdapterFiles.convertForced");
        Path gguf = folder.resolve("forced.gguf");
        assertThatThrownBy(() -> AdapterFiles.convert(folder, model, AdapterFormat.GGUF, gguf, ""))
                .hasMessageContaining(message);
        assertThat(gguf).doesNotExist();
        Adapter forced = AdapterFiles.convertForced(folder, model, AdapterFormat.GGUF, gguf, "");
        assertThat(forced.notes()).singleElement().asString().contains(message).contains("was forced");
        AdapterRoundTripTest.assertUpdates(AdapterFiles.readGguf(gguf), forced, "blk.1.attn_v.weight");
    }

    @Test
    void everythingThatPeftWritesForAPlainAdapter_isKnown() throws IOException {
        config("""
                ,"alora_invocation_tokens":null,"arrow_config":null,"auto_mapping":{"parent_library":"x"},
                "base_model_name_or_path":"b","corda_config":null,"ensure_weight_tying":true,"eva_config":{"rho":2.0},
                "exclude_modules":["lm_head"],"inference_mode":true,"kasa_config":null,"layers_pattern":"layers",
                "layers_to_transform":[1],"loftq_config":{},"lora_dropout":0.1,"lora_ga_config":null,
                "megatron_config":null,"megatron_core":"megatron.core","monteclora_config":null,
                "peft_version":"0.21.2","qalora_group_size":16,"rank_pattern":{},"revision":null,
                "target_modules":["v_proj"],"task_type":"CAUSAL_LM","use_bdlora":null,"velora_config":{"scale":1.0},
                "novel_number":4,"novel_text":"x","novel_flag":false,"novel_empty":{},"novel_null":null
                """);
        assertReadWithoutNotes();
    }
}
