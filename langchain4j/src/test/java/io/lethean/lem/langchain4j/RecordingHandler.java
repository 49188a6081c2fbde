package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Records what it receives. */
class RecordingHandler implements StreamingChatResponseHandler {

    final List<String> pieces = new CopyOnWriteArrayList<>();
    final List<String> thoughts = new CopyOnWriteArrayList<>();
    final List<CompleteToolCall> calls = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

    @Override
    public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
        pieces.add(partialResponse.text());
    }

    @Override
    public void onPartialThinking(PartialThinking partialThinking) {
        thoughts.add(partialThinking.text());
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall completeToolCall) {
        calls.add(completeToolCall);
    }

    @Override
    public void onCompleteResponse(ChatResponse completeResponse) {
        end.complete(completeResponse);
    }

    @Override
    public void onError(Throwable error) {
        end.completeExceptionally(error);
    }

    boolean hasEnded() {
        return end.isDone();
    }

    /** The response; an error is the cause of the exception. */
    ChatResponse response() throws Exception {
        return end.get(60, TimeUnit.SECONDS);
    }
}
