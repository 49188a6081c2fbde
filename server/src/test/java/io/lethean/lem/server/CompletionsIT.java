package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LogLikelihood;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code /v1/completions}, as lm-eval and others ask for them. */
class CompletionsIT {

    private static final String PATH = "/v1/completions";

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RunningServer.stories();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Generation expected(String prompt, int tokens) {
        return server.model()
                .generate(prompt, GenerationOptions.builder().maxTokens(tokens).build());
    }

    @Test
    void answer_hasOpenAisShape() throws Exception {
        JsonNode body = server.post(PATH, "{'model':'m','prompt':'Once upon a time','temperature':0,'max_tokens':5}")
                .json();

        Generation expected = expected("Once upon a time", 5);
        assertThat(body.get("object").stringValue()).isEqualTo("text_completion");
        assertThat(body.get("id").stringValue()).matches("cmpl-[0-9a-f]{32}");
        assertThat(body.get("choices").toString())
                .isEqualTo("[{\"index\":0,\"text\":" + RunningServer.JSON.writeValueAsString(expected.text())
                        + ",\"logprobs\":null,\"finish_reason\":\"length\"}]");
        assertThat(body.get("usage").get("prompt_tokens").intValue()).isEqualTo(expected.promptTokens());
    }

    @Test
    void withoutALimit_sixteenTokensAreGenerated() throws Exception {
        JsonNode body = server.post(PATH, "{'prompt':'Once','temperature':0}").json();

        assertThat(body.get("usage").get("completion_tokens").intValue()).isEqualTo(16);
    }

    @Test
    void severalPrompts_areAnsweredInOrder_byTextAndByTokens() throws Exception {
        List<String> prompts = List.of("One day", "The dog");
        List<List<Integer>> ids = prompts.stream()
                .map(prompt -> server.model().tokenize(prompt, true, false))
                .toList();
        for (Object given : List.of(prompts, ids)) {
            JsonNode body = server.postExactly(
                            PATH,
                            "{\"prompt\":" + RunningServer.JSON.writeValueAsString(given)
                                    + ",\"n\":2,\"max_tokens\":6,\"temperature\":0}")
                    .json();
            for (int i = 0; i < 4; i++) {
                JsonNode choice = body.get("choices").get(i);
                assertThat(choice.get("index").intValue()).isEqualTo(i);
                assertThat(choice.get("text").stringValue())
                        .isEqualTo(expected(prompts.get(i / 2), 6).text());
            }
            int tokens = ids.get(0).size() + ids.get(1).size();
            assertThat(body.get("usage").get("prompt_tokens").intValue()).isEqualTo(tokens);
            assertThat(body.get("usage").get("completion_tokens").intValue()).isEqualTo(24);
        }
    }

    @Test
    void echoedLogprobs_areTheLikelihoodsOfTheLibrary_asLmEvalReadsThem() throws Exception {
        List<Integer> context = server.model().tokenize("Once upon a time there was a dog. The dog", true, false);
        for (String continuation : List.of(" was happy.", " ran to the park and played", " zebra")) {
            List<Integer> all = new java.util.ArrayList<>(context);
            all.addAll(server.model().tokenize(continuation));
            JsonNode choice = server.postExactly(
                            PATH,
                            "{\"model\":\"m\",\"prompt\":[" + all
                                    + "],\"temperature\":0,\"max_tokens\":1,\"logprobs\":1,\"seed\":1234,\"echo\":true}")
                    .json()
                    .get("choices")
                    .get(0);
            JsonNode logprobs = choice.get("logprobs");
            assertThat(logprobs.get("tokens").size()).isEqualTo(all.size() + 1);
            assertThat(logprobs.get("token_logprobs").get(0).isNull()).isTrue();
            assertThat(logprobs.get("top_logprobs").get(0).isNull()).isTrue();

            double sum = 0;
            boolean greedy = true;
            for (int i = context.size(); i < all.size(); i++) {
                double logprob = logprobs.get("token_logprobs").get(i).doubleValue();
                double best = logprobs.get("top_logprobs").get(i).properties().stream()
                        .mapToDouble(entry -> entry.getValue().doubleValue())
                        .max()
                        .orElseThrow();
                sum += logprob;
                greedy &= logprob == best;
            }
            LogLikelihood likelihood = server.model()
                    .logLikelihood(context, List.of(all.subList(context.size(), all.size())))
                    .getFirst();
            assertThat(sum).isEqualTo(likelihood.sum());
            assertThat(greedy).isEqualTo(likelihood.greedy());
        }
    }

    @Test
    void echoWithoutNewTokens_isThePromptAlone_withThePlacesOfItsTokens() throws Exception {
        String prompt = "Tim saw \u00e9\u4e16 once.";
        JsonNode body = server.post(PATH, "{'prompt':'" + prompt + "','max_tokens':0,'echo':true,'logprobs':2}")
                .json();

        JsonNode choice = body.get("choices").get(0);
        assertThat(choice.get("text").stringValue()).isEqualTo(prompt);
        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
        assertThat(body.get("usage").get("completion_tokens").intValue()).isZero();
        JsonNode tokens = choice.get("logprobs").get("tokens");
        JsonNode offsets = choice.get("logprobs").get("text_offset");
        assertThat(offsets.get(0).intValue()).isZero();
        for (int i = 1; i < tokens.size(); i++) {
            String token = tokens.get(i).stringValue();
            int offset = offsets.get(i).intValue();
            assertThat(offset).isGreaterThanOrEqualTo(offsets.get(i - 1).intValue());
            if (!token.startsWith("bytes:") && i > 1) {
                assertThat(prompt.substring(offset))
                        .as("token %d '%s'", i, token)
                        .startsWith(token);
            }
            assertThat(choice.get("logprobs").get("top_logprobs").get(i).size()).isBetween(2, 3);
        }
    }

    @Test
    void echoWithGeneratedTokens_hasBoth() throws Exception {
        JsonNode choice = server.post(
                        PATH, "{'prompt':'Once upon','max_tokens':3,'echo':true,'logprobs':0,'temperature':0}")
                .json()
                .get("choices")
                .get(0);

        assertThat(choice.get("text").stringValue())
                .isEqualTo("Once upon" + expected("Once upon", 3).text());
        int prompt = server.model().tokenize("Once upon", true, false).size();
        assertThat(choice.get("logprobs").get("token_logprobs").size()).isEqualTo(prompt + 3);
    }

    @Test
    void stream_joinsToTheAnswer_andEchoComesFirst() throws Exception {
        RunningServer.Reply reply = server.post(
                PATH,
                "{'prompt':['One day','The dog'],'max_tokens':9,'temperature':0,'stream':true,'echo':true,"
                        + "'stream_options':{'include_usage':true}}");

        List<JsonNode> chunks = reply.chunks();
        for (int i = 0; i < 2; i++) {
            String prompt = i == 0 ? "One day" : "The dog";
            int index = i;
            String text = chunks.stream()
                    .filter(chunk -> !chunk.get("choices").isEmpty()
                            && chunk.get("choices").get(0).get("index").intValue() == index)
                    .map(chunk -> chunk.get("choices").get(0).get("text").stringValue())
                    .collect(Collectors.joining());
            assertThat(text).isEqualTo(prompt + expected(prompt, 9).text());
        }
        assertThat(chunks.getLast().get("usage").get("completion_tokens").intValue())
                .isEqualTo(18);
    }

    @Test
    void streamedLogprobs_comeWithTheirPieces_andJoinToThoseOfTheAnswer() throws Exception {
        for (String echo : List.of("false", "true")) {
            String members = "'prompt':'Once upon','max_tokens':9,'logprobs':1,'temperature':0,'echo':" + echo;
            JsonNode whole = server.post(PATH, "{" + members + "}")
                    .json()
                    .get("choices")
                    .get(0)
                    .get("logprobs");
            Map<String, List<JsonNode>> joined = new LinkedHashMap<>();
            for (JsonNode chunk :
                    server.post(PATH, "{" + members + ",'stream':true}").chunks()) {
                JsonNode choice = chunk.get("choices").get(0);
                boolean empty = choice.get("text").stringValue().isEmpty();
                assertThat(choice.get("logprobs").isNull()).as(chunk.toString()).isEqualTo(empty);
                choice.get("logprobs")
                        .forEachEntry((name, values) -> joined.computeIfAbsent(name, key -> new ArrayList<>())
                                .addAll(values.values()));
            }
            assertThat(joined).hasSize(4);
            joined.forEach((name, values) -> assertThat(values)
                    .as(name)
                    .isEqualTo(whole.get(name).values().stream().toList()));
        }
    }

    @Test
    void scoredPromptsThatTakeTooLong_areEnded_andTheServerContinues() throws Exception {
        try (RunningServer limited = RunningServer.stories(options -> options.timeLimit(Duration.ofMillis(1500)))) {
            String prompts = IntStream.range(0, 2000)
                    .mapToObj(i -> "'" + i + " and so on".repeat(40) + "'")
                    .collect(Collectors.joining(","));
            RunningServer.Reply late =
                    limited.post(PATH, "{'prompt':[" + prompts + "],'max_tokens':0,'echo':true,'logprobs':1}");

            assertThat(late.status()).as(late.error()).isEqualTo(503);
            assertThat(late.json().get("error").get("code").stringValue()).isEqualTo("time_limit");
            assertThat(late.error()).contains("took longer than 1.5 seconds");
            assertThat(limited.post(PATH, "{'prompt':'a','max_tokens':0,'echo':true,'logprobs':1}")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void promptThatDoesNotFit_isRefusedWithBothNumbers_alsoAsAStream() throws Exception {
        String prompt = "word ".repeat(2000);
        for (String stream : List.of("false", "true")) {
            RunningServer.Reply reply = server.post(PATH, "{'prompt':'" + prompt + "','stream':" + stream + "}");

            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.json().get("error").get("code").stringValue()).isEqualTo("context_length_exceeded");
            assertThat(reply.error()).containsPattern("[0-9]{4}").doesNotContain("/");
        }
    }
}
