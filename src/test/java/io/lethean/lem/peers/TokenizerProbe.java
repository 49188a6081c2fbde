package io.lethean.lem.peers;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufText;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.tokenizer.HfTokenizer;
import io.lethean.lem.internal.tokenizer.NativeProof;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import io.lethean.lem.internal.tokenizer.TokenizerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The metadata that LEM makes of tokenizers, as JSON for the checks of {@code scripts/peers}.
 *
 * <p>Reads a list of {@code {name, folder, family, vocab_size, type_vocab_size, pre}} and writes a file for each name: {@code
 * {key: [type, value]}} or {@code {refused: message}}.
 */
public final class TokenizerProbe {

    private static final JsonMapper JSON = new JsonMapper();

    private TokenizerProbe() {}

    /** Takes the file with the requests and the folder for the answers. */
    public static void main(String[] arguments) throws IOException {
        for (JsonNode request : JSON.readTree(Path.of(arguments[0]).toFile())) {
            Path answer = Path.of(arguments[1], request.get("name").asString());
            JSON.writeValue(answer.toFile(), answer(request));
        }
    }

    private static Map<String, Object> answer(JsonNode request) throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        TokenizerRequest asked = new TokenizerRequest(
                Path.of(request.get("folder").asString()),
                TokenizerFamily.valueOf(request.get("family").asString()),
                integer(request.path("vocab_size")),
                integer(request.path("type_vocab_size")),
                request.path("pre").stringValueOpt());
        try {
            HfTokenizer.read(asked, new NativeProof())
                    .values()
                    .forEach(
                            (key, value) -> answer.put(key, List.of(value.type().name(), plain(value))));
        } catch (InvalidModelException e) {
            answer.put("refused", String.valueOf(e.getMessage()));
        }
        return answer;
    }

    private static OptionalInt integer(JsonNode node) {
        return node.isNumber() ? OptionalInt.of(node.intValue()) : OptionalInt.empty();
    }

    private static Object plain(GgufValue value) {
        return switch (value) {
            case GgufScalar scalar when scalar.type() == GgufType.BOOL -> scalar.asBoolean();
            case GgufScalar scalar when scalar.isInteger() -> scalar.asLong();
            case GgufScalar scalar -> scalar.asDouble();
            case GgufText text -> text.toString();
            case GgufArray array ->
                IntStream.range(0, array.size())
                        .mapToObj(i -> plain(array.get(i)))
                        .toList();
        };
    }
}
