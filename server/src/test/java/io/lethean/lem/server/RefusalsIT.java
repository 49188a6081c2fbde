package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What cannot be served is refused by name, and nothing is ignored in silence. */
class RefusalsIT {

    private static final String HI = "'messages':[{'role':'user','content':'Hi'}],'max_tokens':1";

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RunningServer.nano(options -> options);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'reasoning_effort':'low' | reasoning_effort | This server does not know the parameter reasoning_effort.",
                "'functions':[{}] | functions | This server does not know the parameter functions.",
                "'temperature':-1 | temperature | temperature is -1.0 and must be finite and not negative.",
                "'temperature':'hot' | temperature | temperature must be a number.",
                "'top_p':2 | top_p | top_p is 2.0 and must be above 0 and at most 1.",
                "'repeat_last_n':-1 | repeat_last_n | repeat_last_n is -1 and must be at least 0.",
                "'n':0 | n | n is 0 and must be between 1 and 128.",
                "'n':1.5 | n | n must be a whole number of at most 64 bits.",
                "'max_completion_tokens':9 | max_tokens | max_tokens is 1 and max_completion_tokens is 9;",
                "'stop':[''] | stop | A stop sequence is empty;",
                "'stop':5 | stop | stop must be a list.",
                "'logit_bias':{'x':1} | logit_bias | logit_bias must be an object of token ids and numbers.",
                "'logit_bias':{'99999999':1} |  | ",
                "'top_logprobs':2 | top_logprobs | top_logprobs is for requests with logprobs true.",
                "'logprobs':true,'top_logprobs':21 | top_logprobs | top_logprobs is 21 and must be between 0 and 20.",
                "'store':true | store | store is true, and this server keeps no answers.",
                "'stream':'yes' | stream | stream must be true or false.",
                "'stream_options':{'include_usage':true} | stream_options | stream_options is for requests with stream",
                "'tool_choice':'required' | tools | The tool choice demands a call",
                "'tool_choice':{'type':'function','function':{'name':'f'}} | tool_choice | tool_choice names the function 'f'",
                "'tools':[{'type':'web'}] | tools[0].type | tools[0].type is 'web' and must be function.",
                "'response_format':{'type':'xml'} | response_format.type | response_format.type is 'xml' and must be text,",
                "'response_format':{'type':'json_schema'} | response_format.json_schema | response_format.json_schema is mi",
                "'modalities':['audio'] | modalities | modalities must be [\"text\"];",
                "'chat_template_kwargs':{'messages':[]} | | The variable messages of a chat template is set by the library;",
                "'model':'gpt-4' | model | This server does not have the model 'gpt-4'; it has 'm'.",
            })
    void parameter_isRefusedByName(String member, String param, String sentence) throws Exception {
        RunningServer.Reply reply = server.post("/v1/chat/completions", "{" + HI + "," + member + "}");

        assertThat(reply.status()).as(reply.body()).isBetween(400, 404);
        JsonNode error = reply.json().get("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.get("type").stringValue()).isEqualTo("invalid_request_error");
        if (param != null) {
            assertThat(error.get("param").stringValue()).isEqualTo(param);
        }
        if (sentence != null) {
            assertThat(reply.error()).startsWith(sentence);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | messages is empty;",
                "null | messages is missing.",
                "{} | messages must be a list.",
                "['hi'] | messages[0] must be an object.",
                "[{'content':'x'}] | messages[0].role is missing.",
                "[{'role':'king','content':'x'}] | messages[0].role is 'king' and must be system,",
                "[{'role':'user'}] | messages[0].content is missing.",
                "[{'role':'user','content':5}] | messages[0].content must be a list.",
                "[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}] | messages[0].content[0].type is",
                "[{'role':'user','content':'x','name':'Ann'}] | This server does not know the parameter messages[0].name.",
                "[{'role':'tool','content':'x'}] | messages[0].tool_call_id is missing.",
                "[{'role':'user','content':'\\ud800'}] | messages[0].content has half of a surrogate pair at place 0",
            })
    void messages_areRefusedByPlace(String messages, String sentence) throws Exception {
        assertRefused(server.post("/v1/chat/completions", "{'messages':" + messages + "}"), sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'max_tokens':1 | prompt is missing.",
                "'prompt':[] | prompt has 0 prompts",
                "'prompt':[[]] | prompt has a list without tokens;",
                "'prompt':[1,99999999] | prompt has the token 99999999; the ids of this model are 0 to",
                "'prompt':[1,-1] | prompt has the token -1;",
                "'prompt':[1.5] | prompt has the token 1.5;",
                "'prompt':5 | prompt must be a list.",
                "'prompt':'x','best_of':3 | best_of must be equal to n;",
                "'prompt':'x','suffix':'y' | suffix is not supported;",
                "'prompt':'x','max_tokens':0 | max_tokens is 0 and echo is false,",
                "'prompt':'x','logprobs':true | logprobs must be a whole number",
                "'prompt':'x','response_format':{'type':'text'} | This server does not know the parameter response_format.",
            })
    void completion_isRefused(String members, String sentence) throws Exception {
        assertRefused(server.post("/v1/completions", "{" + members + "}"), sentence);
    }

    private static void assertRefused(RunningServer.Reply reply, String sentence) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(400);
        assertThat(reply.error()).startsWith(sentence);
    }

    @Test
    void schemaThatCannotBeEnforced_isRefusedWithItsKeyword() throws Exception {
        RunningServer.Reply reply = server.post(
                "/v1/chat/completions",
                "{" + HI + ",'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':"
                        + "{'type':'array','uniqueItems':true}}}}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).contains("uniqueItems");
    }

    @Test
    void bodiesThatAreNotJsonObjects_areRefused() throws Exception {
        for (String body : new String[] {"", "{", "[]", "1", "nul", "{}{}", "{\"a\":1,\"a\":2}", "\u0000", "{'a':1}"}) {
            RunningServer.Reply reply = server.postExactly("/v1/completions", body);

            assertThat(reply.status()).as(body).isEqualTo(400);
            assertThat(reply.error()).as(body).endsWith(".");
        }
    }
}
