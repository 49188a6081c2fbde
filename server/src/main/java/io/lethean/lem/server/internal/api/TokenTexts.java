package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.TokenLogprobs;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tokens and their log-probabilities in OpenAI's shapes. */
final class TokenTexts {

    /** What OpenAI's API gives for a probability of 0; JSON has no infinity. */
    private static final double NEVER = -9999;

    private final LemModel model;

    TokenTexts(LemModel model) {
        this.model = model;
    }

    static double finite(double logprob) {
        return Math.max(NEVER, logprob);
    }

    private byte[] bytes(int token) {
        return model.tokenizer().tokenBytes(token);
    }

    /** The text of a token; bytes that are not whole characters become U+FFFD. */
    String text(int token) {
        return new String(bytes(token), StandardCharsets.UTF_8);
    }

    /** The text of a token, or {@code bytes:\xe2\x80} if its bytes are not whole characters, so that texts are distinct. */
    String distinctText(int token) {
        byte[] bytes = bytes(token);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notWhole) {
            return "bytes:" + HexFormat.of().withPrefix("\\x").formatHex(bytes);
        }
    }

    /** The {@code logprobs} of a chat's choice. */
    ObjectNode chat(List<TokenLogprobs> logprobs) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ArrayNode content = node.putArray("content");
        for (TokenLogprobs each : logprobs) {
            ObjectNode token = content.addObject();
            put(token, each.token(), each.logprob());
            ArrayNode top = token.putArray("top_logprobs");
            each.top().forEach(other -> put(top.addObject(), other.token(), other.logprob()));
        }
        node.putNull("refusal");
        return node;
    }

    private void put(ObjectNode node, int token, double logprob) {
        node.put("token", text(token));
        node.put("logprob", finite(logprob));
        ArrayNode array = node.putArray("bytes");
        for (byte each : bytes(token)) {
            array.add(each & 0xff);
        }
    }

    /**
     * The {@code logprobs} of a completion's choice, part by part.
     */
    final class Completion {
        private ObjectNode node = JsonNodeFactory.instance.objectNode();
        private ArrayNode tokens = node.putArray("tokens");
        private ArrayNode values = node.putArray("token_logprobs");
        private ArrayNode top = node.putArray("top_logprobs");
        private ArrayNode offsets = node.putArray("text_offset");
        private final List<Integer> ids = new ArrayList<>();
        private boolean begun;
        private int place;

        /** Adds a token of which the likelihood is not known, because it is the first. */
        void addFirst(int token) {
            tokens.add(distinctText(token));
            values.addNull();
            top.addNull();
            ids.add(token);
        }

        void add(TokenLogprobs each, boolean withTop) {
            tokens.add(distinctText(each.token()));
            values.add(finite(each.logprob()));
            ids.add(each.token());
            if (!withTop) {
                top.addNull();
                return;
            }
            ObjectNode best = top.addObject();
            each.top().forEach(other -> best.put(distinctText(other.token()), finite(other.logprob())));
            best.put(distinctText(each.token()), finite(each.logprob()));
        }

        boolean isEmpty() {
            return ids.isEmpty();
        }

        /**
         * The tokens that were added since the last time, with the place of each in the whole text, in characters as Python
         * counts them.
         *
         * @param text begins with the first of all tokens. If it does not begin with the space of that token, the tokenizer
         *     has added the space
         */
        ObjectNode json(String text) {
            if (!begun && !text.isEmpty()) {
                begun = true;
                place = beginsWithSpace() && !text.startsWith(" ") ? -1 : 0;
            }
            putOffsets();
            ids.clear();
            ObjectNode taken = node;
            node = JsonNodeFactory.instance.objectNode();
            tokens = node.putArray("tokens");
            values = node.putArray("token_logprobs");
            top = node.putArray("top_logprobs");
            offsets = node.putArray("text_offset");
            return taken;
        }

        private void putOffsets() {
            for (int id : ids) {
                byte[] bytes = isSpecial(id) ? new byte[0] : bytes(id);
                boolean inside = bytes.length > 0 && isContinuation(bytes[0]);
                offsets.add(Math.max(0, inside ? place - 1 : place));
                for (byte each : bytes) {
                    place += isContinuation(each) ? 0 : 1;
                }
            }
        }

        private boolean beginsWithSpace() {
            return ids.stream()
                    .filter(id -> !isSpecial(id))
                    .findFirst()
                    .map(id -> bytes(id)[0] == ' ')
                    .orElse(false);
        }
    }

    /** A special token adds nothing to a text. A space of its own would be dropped at the beginning only. */
    private boolean isSpecial(int token) {
        return model.detokenize(List.of(token, token)).isEmpty();
    }

    private static boolean isContinuation(byte unit) {
        return (unit & 0xC0) == 0x80;
    }
}
