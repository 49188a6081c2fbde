package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code /v1/chat/completions} of a model with a chat template. */
class ChatIT {

    private static final String CHAT = "/v1/chat/completions";
    private static final String HI = "'messages':[{'role':'user','content':'Who helps?'}]";
    private static final String TOOL = "'tools':[{'type':'function','function':{'name':'weather','description':'d',"
            + "'parameters':{'type':'object','properties':{'n':{'type':'integer','minimum':0,'maximum':9}},"
            + "'required':['n'],'additionalProperties':false}}}]";

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RunningServer.nano(options -> options);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RunningServer.Reply chat(String members) throws IOException, InterruptedException {
        return server.post(CHAT, "{'model':'m'," + members + "}");
    }

    private static Generation expected(GenerationOptions.Builder options) {
        return server.model().chat(List.of(Message.user("Who helps?")), options.build());
    }

    private static String joined(List<JsonNode> chunks, String member) {
        return chunks.stream()
                .filter(chunk -> !chunk.get("choices").isEmpty())
                .map(chunk -> chunk.get("choices").get(0).get("delta").get(member))
                .filter(value -> value != null && value.isString())
                .map(JsonNode::stringValue)
                .collect(Collectors.joining());
    }

    @Test
    void answer_hasOpenAisShape() throws Exception {
        RunningServer.Reply reply = chat(HI + ",'temperature':0,'max_tokens':8");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        JsonNode body = reply.json();
        assertThat(body.propertyNames())
                .containsExactly("id", "object", "created", "model", "system_fingerprint", "choices", "usage");
        assertThat(body.get("id").stringValue()).matches("chatcmpl-[0-9a-f]{32}");
        assertThat(body.get("object").stringValue()).isEqualTo("chat.completion");
        assertThat(body.get("created").longValue()).isGreaterThan(1_600_000_000L);
        assertThat(body.get("model").stringValue()).isEqualTo("m");
        Generation expected = expected(GenerationOptions.builder().maxTokens(8));
        JsonNode choice = body.get("choices").get(0);
        assertThat(choice.toString())
                .isEqualTo(("{'index':0,'message':{'role':'assistant','content':"
                                + RunningServer.JSON.writeValueAsString(expected.text())
                                + ",'refusal':null},'logprobs':null,'finish_reason':'length'}")
                        .replace('\'', '"'));
        JsonNode usage = body.get("usage");
        assertThat(usage.get("prompt_tokens").intValue()).isEqualTo(expected.promptTokens());
        assertThat(usage.get("completion_tokens").intValue()).isEqualTo(8);
        assertThat(usage.get("total_tokens").intValue()).isEqualTo(expected.promptTokens() + 8);
        assertThat(usage.get("prompt_tokens_details").get("cached_tokens").isIntegralNumber())
                .isTrue();
    }

    @Test
    void stream_hasTheTextOfTheAnswer_theUsageAndTheEnd() throws Exception {
        RunningServer.Reply reply =
                chat(HI + ",'temperature':0,'max_tokens':20,'stream':true,'stream_options':{'include_usage':true}");

        assertThat(reply.header("Content-Type")).isEqualTo("text/event-stream; charset=utf-8");
        List<JsonNode> chunks = reply.chunks();
        String first = "{'role':'assistant','content':''}".replace('\'', '"');
        assertThat(chunks.getFirst().get("object").stringValue()).isEqualTo("chat.completion.chunk");
        assertThat(chunks.getFirst().get("choices").get(0).get("delta").toString())
                .isEqualTo(first);
        assertThat(joined(chunks, "content"))
                .isEqualTo(expected(GenerationOptions.builder().maxTokens(20)).text());
        JsonNode end = chunks.get(chunks.size() - 2).get("choices").get(0);
        assertThat(end.toString())
                .isEqualTo("{'index':0,'delta':{},'logprobs':null,'finish_reason':'length'}".replace('\'', '"'));
        JsonNode last = chunks.getLast();
        assertThat(last.get("choices").isEmpty()).isTrue();
        assertThat(last.get("usage").get("completion_tokens").intValue()).isEqualTo(20);
        assertThat(chunks.stream().map(chunk -> chunk.get("id").stringValue()).distinct())
                .hasSize(1);
        assertThat(chunks.getFirst().get("usage").isNull()).isTrue();
    }

    @Test
    void severalChoices_haveOwnSeeds_alsoStreamed() throws Exception {
        String members = HI + ",'n':3,'seed':7,'max_completion_tokens':12,'temperature':1.5";
        JsonNode choices = chat(members).json().get("choices");

        assertThat(choices.size()).isEqualTo(3);
        List<JsonNode> chunks = chat(members + ",'stream':true").chunks();
        for (int i = 0; i < 3; i++) {
            int index = i;
            String text = choices.get(i).get("message").get("content").stringValue();
            assertThat(choices.get(i).get("index").intValue()).isEqualTo(i);
            assertThat(text)
                    .isEqualTo(expected(GenerationOptions.builder()
                                    .maxTokens(12)
                                    .temperature(1.5)
                                    .seed(7 + i))
                            .text());
            assertThat(joined(
                            chunks.stream()
                                    .filter(chunk -> chunk.get("choices")
                                                    .get(0)
                                                    .get("index")
                                                    .intValue()
                                            == index)
                                    .toList(),
                            "content"))
                    .isEqualTo(text);
        }
    }

    @Test
    void stopSequence_endsTheAnswer_andIsNamed() throws Exception {
        String text = expected(GenerationOptions.builder().maxTokens(30)).text();
        String stop = text.substring(8, 12);
        JsonNode choice = server.postExactly(
                        CHAT,
                        ("{" + HI + ",'temperature':0,'max_tokens':30,'stop':").replace('\'', '"')
                                + RunningServer.JSON.writeValueAsString(List.of("never this", stop)) + "}")
                .json()
                .get("choices")
                .get(0);

        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
        assertThat(choice.get("stop_reason").stringValue()).isEqualTo(stop);
        assertThat(choice.get("message").get("content").stringValue()).isEqualTo(text.substring(0, text.indexOf(stop)));
    }

    @Test
    void logprobs_areThoseOfTheLibrary() throws Exception {
        String members = HI + ",'temperature':0,'max_tokens':4,'logprobs':true,'top_logprobs':2";
        Generation expected = expected(GenerationOptions.builder().maxTokens(4).logprobs(2));
        JsonNode content =
                chat(members).json().get("choices").get(0).get("logprobs").get("content");

        assertThat(content.size()).isEqualTo(4);
        for (int i = 0; i < 4; i++) {
            assertThat(content.get(i).get("logprob").doubleValue())
                    .isEqualTo(expected.logprobs().get(i).logprob());
            assertThat(content.get(i).get("top_logprobs").size()).isEqualTo(2);
            assertThat(content.get(i).get("bytes").size())
                    .isEqualTo(server.model()
                            .tokenizer()
                            .tokenBytes(expected.tokens().get(i))
                            .length);
        }
        List<JsonNode> tokens = new ArrayList<>();
        for (JsonNode chunk : chat(members + ",'stream':true").chunks()) {
            JsonNode choice = chunk.get("choices").get(0);
            String text = choice.get("delta").path("content").stringValue("");
            assertThat(choice.get("logprobs").isNull()).as(chunk.toString()).isEqualTo(text.isEmpty());
            StringBuilder named = new StringBuilder();
            for (JsonNode token : choice.get("logprobs").path("content")) {
                tokens.add(token);
                named.append(token.get("token").stringValue());
            }
            assertThat(named.toString().strip()).isEqualTo(text.strip());
        }
        assertThat(tokens).hasSize(4).isEqualTo(content.values().stream().toList());
    }

    @Test
    void logprobsOfTextThatIsNotSent_comeAtTheEnd() throws Exception {
        String members = HI + "," + TOOL + ",'tool_choice':'required','temperature':0,'max_tokens':200,'logprobs':true";
        JsonNode content =
                chat(members).json().get("choices").get(0).get("logprobs").get("content");
        List<JsonNode> tokens = new ArrayList<>();
        for (JsonNode chunk : chat(members + ",'stream':true").chunks()) {
            chunk.get("choices").get(0).get("logprobs").path("content").forEach(tokens::add);
        }
        assertThat(tokens).isNotEmpty().isEqualTo(content.values().stream().toList());
    }

    @Test
    void answerThatMayHaveOneCall_isWhatItWouldBe_whereItCallsNothing() throws Exception {
        String members = HI + "," + TOOL + ",'temperature':0,'max_tokens':12";
        JsonNode free = chat(members).json().get("choices");

        assertThat(chat(members + ",'parallel_tool_calls':false").json().get("choices"))
                .isEqualTo(free);
    }

    @Test
    void demandedCall_isACall_andNoPieceOfItIsContent() throws Exception {
        String members = HI + "," + TOOL + ",'tool_choice':'required','temperature':0,'max_tokens':200";
        JsonNode choice = chat(members).json().get("choices").get(0);

        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("tool_calls");
        JsonNode message = choice.get("message");
        assertThat(message.get("content").isNull()).isTrue();
        JsonNode call = message.get("tool_calls").get(0);
        assertThat(call.propertyNames()).containsExactly("id", "type", "function");
        assertThat(call.get("function").get("name").stringValue()).isEqualTo("weather");
        assertThat(call.get("function").get("arguments").stringValue()).matches("\\{\\s*\"n\"\\s*:\\s*[0-9]\\s*\\}");

        List<JsonNode> chunks = chat(members + ",'stream':true").chunks();
        assertThat(joined(chunks, "content")).isBlank();
        List<JsonNode> calls = chunks.stream()
                .map(chunk -> chunk.get("choices").get(0).get("delta").get("tool_calls"))
                .filter(node -> node != null)
                .toList();
        assertThat(calls).hasSize(1);
        assertThat(calls.getFirst().get(0).get("index").intValue()).isZero();
        assertThat(calls.getFirst().get(0).get("id")).isEqualTo(call.get("id"));
        assertThat(calls.getFirst().get(0).get("function")).isEqualTo(call.get("function"));
        assertThat(chunks.getLast().get("choices").get(0).get("finish_reason").stringValue())
                .isEqualTo("tool_calls");
    }

    @Test
    void toolsResult_isATurnOfTheConversation() throws Exception {
        RunningServer.Reply reply = chat("'messages':[{'role':'developer','content':'Be brief.'},"
                + "{'role':'user','content':[{'type':'text','text':'Weather'},{'type':'text','text':' now?'}]},"
                + "{'role':'assistant','content':null,'refusal':null,'annotations':[],'tool_calls':[{'id':'c1',"
                + "'type':'function','function':{'name':'weather','arguments':'{\\'n\\': 1}'}}]},"
                + "{'role':'tool','tool_call_id':'c1','name':'weather','content':'cold'}],"
                + TOOL + ",'tool_choice':'none','max_tokens':3");

        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }

    @Test
    void jsonSchema_isFollowed_withCharactersThatAreSplitIntoTokens() throws Exception {
        String format = ",'response_format':{'type':'json_schema','json_schema':{'name':'x','strict':true,"
                + "'schema':{'type':'string','const':'h\u00e9 \u4e16\ud83d\ude42'}}},'max_tokens':60,'temperature':0";
        String quoted = "\"h\u00e9 \u4e16\ud83d\ude42\"";

        JsonNode choice = chat(HI + format).json().get("choices").get(0);
        assertThat(choice.get("message").get("content").stringValue()).isEqualTo(quoted);
        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
        assertThat(joined(chat(HI + format + ",'stream':true").chunks(), "content"))
                .isEqualTo(quoted);
    }

    @Test
    void jsonObject_isAnObjectUnlessItIsCut() throws Exception {
        JsonNode choice = chat(HI + ",'response_format':{'type':'json_object'},'max_tokens':40,'seed':1")
                .json()
                .get("choices")
                .get(0);

        assertThat(choice.get("message").get("content").stringValue()).startsWith("{");
    }

    @Test
    void templateVariables_andTheFamilysSamplers_areTaken() throws Exception {
        RunningServer.Reply reply = chat(HI + ",'enable_thinking':false,'chat_template_kwargs':{'a':[1,2.5,null,"
                + "{'b':true}]},'top_k':5,'min_p':0.1,'typical_p':0.9,'repeat_penalty':1.1,'repeat_last_n':8,"
                + "'presence_penalty':0.5,'frequency_penalty':0.5,'logit_bias':{'5':-100},'max_tokens':3,"
                + "'user':'u','metadata':{'a':'b'},'store':false,'parallel_tool_calls':true,'modalities':['text']");

        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }
}
