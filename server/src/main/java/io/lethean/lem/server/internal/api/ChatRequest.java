package io.lethean.lem.server.internal.api;

import io.lethean.lem.Message;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A request to {@code /v1/chat/completions}.
 *
 * @param prompt what is answered
 * @param choices how each choice is generated
 * @param stream whether and how the answer is streamed
 * @param logprobs whether the answer has log-probabilities
 */
record ChatRequest(
        GenerationRequest.Chat prompt, List<GenerationOptions> choices, StreamOptions stream, boolean logprobs) {

    private static final int MAX_TOP = 20;

    static ChatRequest read(ServedModel served, Params request) {
        served.requireModel(request);
        List<Message> messages = MessageReader.read(request);
        ChatOptions chat = ToolsReader.read(request);
        GenerationOptions.Builder builder = OptionsReader.read(served, request);
        builder.maxTokens(OptionsReader.maxTokens(request, 1).orElse(Integer.MAX_VALUE));
        ResponseFormat.read(request, chat, builder);
        boolean logprobs = logprobs(request, builder);
        StreamOptions stream = StreamOptions.read(request);
        int choices = OptionsReader.choices(request);
        Ignored.note(request);
        request.refuseOthers();
        GenerationOptions options = builder.build();
        List<GenerationOptions> ofChoices = IntStream.range(0, choices)
                .mapToObj(choice -> OptionsReader.ofChoice(options, choice))
                .toList();
        return new ChatRequest(new GenerationRequest.Chat(messages, chat, options), ofChoices, stream, logprobs);
    }

    private static boolean logprobs(Params request, GenerationOptions.Builder builder) {
        boolean wanted = request.flag("logprobs").orElse(false);
        OptionalInt top = request.whole("top_logprobs", 0, MAX_TOP);
        if (top.isPresent() && !wanted) {
            throw ApiError.invalid("top_logprobs", "top_logprobs is for requests with logprobs true.");
        }
        if (wanted) {
            builder.logprobs(top.orElse(0));
        }
        return wanted;
    }
}
