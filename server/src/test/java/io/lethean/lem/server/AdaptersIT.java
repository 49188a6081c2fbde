package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.Message;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Adapters that requests name, against the same adapters in the options of the library. */
class AdaptersIT {

    private static final Path NANO = Path.of("models/lem-nano.gguf");
    private static final String CHAT = "/v1/chat/completions";
    private static final String HI =
            "{'messages':[{'role':'user','content':'Who helps?'}],'temperature':0,'max_tokens':12";

    @TempDir
    private static Path folder;

    private static Path kind;
    private static Path brief;
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        kind = RandomAdapter.write(folder.resolve("one.gguf"), NANO, 0.3, 1);
        brief = RandomAdapter.write(folder.resolve("two.gguf"), NANO, 0.3, 2);
        server = RunningServer.nano(options -> options.adapter("kind", kind).adapter("brief", brief));
        server.model().setAdapters(List.of(AdapterUse.of(brief)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String answer(String lora) throws IOException, InterruptedException {
        RunningServer.Reply reply = server.post(CHAT, HI + lora + "}");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        return reply.json().get("choices").get(0).get("message").get("content").stringValue();
    }

    private static String expected(AdapterUse... uses) {
        return server.model()
                .chat(
                        List.of(Message.user("Who helps?")),
                        GenerationOptions.builder()
                                .maxTokens(12)
                                .adapters(List.of(uses))
                                .build())
                .text();
    }

    @Test
    void answers_areThoseOfTheOptions() throws Exception {
        String withKind = answer(",'lora':[{'id':'kind'}]");
        assertThat(withKind).isEqualTo(expected(AdapterUse.of(kind)));
        assertThat(answer(",'lora':[{'id':0,'scale':1}]")).isEqualTo(withKind);
        assertThat(answer(",'lora':[{'id':'kind','scale':0.25},{'id':1,'scale':-0.5}]"))
                .isEqualTo(expected(new AdapterUse(kind, 0.25f), new AdapterUse(brief, -0.5f)));
        String bare = answer(",'lora':[]");
        assertThat(bare).isEqualTo(expected()).isNotEqualTo(withKind);
        String own = answer("");
        assertThat(own).isEqualTo(expected(AdapterUse.of(brief))).isNotEqualTo(bare);
        assertThat(answer(",'lora':null")).isEqualTo(own);
    }

    @Test
    void streamsAndCompletions_haveAdaptersToo() throws Exception {
        JsonNode body = server.post(
                        "/v1/completions",
                        "{'prompt':'Who helps?','temperature':0,'max_tokens':9,'lora':[{'id':'kind'}]}")
                .json();
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(9)
                .adapters(List.of(AdapterUse.of(kind)))
                .build();
        assertThat(body.get("choices").get(0).get("text").stringValue())
                .isEqualTo(server.model().generate("Who helps?", options).text());
        StringBuilder text = new StringBuilder();
        for (JsonNode chunk :
                server.post(CHAT, HI + ",'lora':[{'id':'kind'}],'stream':true}").chunks()) {
            JsonNode content = chunk.get("choices").get(0).get("delta").get("content");
            text.append(content == null ? "" : content.stringValue());
        }
        assertThat(text.toString()).isEqualTo(expected(AdapterUse.of(kind)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[{'id':'rude'}] | lora[0].id | This server does not have the adapter 'rude'; it has kind, brief.",
                "[{'id':'kind'},{'id':2}] | lora[1].id | This server does not have the adapter 2; it has kind, brief.",
                "[{'id':'kind'},{'id':0}] | lora[1].id | lora names the adapter 'kind' twice.",
                "[{'id':'kind','scale':1e99}] | lora[0].scale | lora[0].scale must be a number that 32-bit floats can have.",
                "[{'id':'kind','scale':'x'}] | lora[0].scale | lora[0].scale must be a number.",
                "[{'id':'kind','weight':1}] | lora[0].weight | This server does not know the parameter lora[0].weight.",
                "[{'scale':1}] | lora[0].id | lora[0].id",
                "['kind'] | lora[0] | lora[0] must be an object.",
                "{'id':'kind'} | lora | lora must be a list."
            })
    void adaptersThatCannotBe_areRefusedByName(String lora, String param, String message) throws Exception {
        RunningServer.Reply reply = server.post(CHAT, HI + ",'lora':" + lora + "}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).contains(message).doesNotContain(folder.toString());
        assertThat(reply.json().get("error").get("param").stringValue()).isEqualTo(param);
    }

    @Test
    void scoredPrompts_haveTheAdaptersOfTheServerOnly() throws Exception {
        RunningServer.Reply reply = server.post(
                "/v1/completions", "{'prompt':'a b','echo':true,'logprobs':1,'max_tokens':0,'lora':[{'id':'kind'}]}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error())
                .contains("lora is for generated text; prompts are scored with the server's adapters.");
    }

    @Test
    void listOfModels_namesTheAdapters() throws Exception {
        JsonNode model = server.get("/v1/models").json().get("data").get(0);

        assertThat(model.get("lora").toString()).isEqualTo("[\"kind\",\"brief\"]");
    }

    @Test
    void adapterThatCannotBeUsed_isRefusedAtTheStart() throws IOException {
        Path other = folder.resolve("other.gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).write(other, 1);
        Path foreign = RandomAdapter.write(folder.resolve("foreign.gguf"), other, 0.1, 3);

        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> RunningServer.nano(options -> options.adapter("x", foreign)));
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> RunningServer.nano(options -> options.adapter("x", folder.resolve("absent"))));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> ServerOptions.builder().adapter("two words", kind).build())
                .withMessageContaining(
                        "The adapter name 'two words' must have 1 to 100 letters, digits, '.', '_' or '-'");
    }

    @Test
    void twoAdaptersOfOneName_areRefusedWithBothFiles() {
        ServerOptions.Builder options = ServerOptions.builder().adapter("kind", kind);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.adapter("kind", brief))
                .withMessage("Two adapters are named 'kind': " + kind + " and " + brief
                        + ". Give each a name of its own, because requests choose by name.");
    }
}
