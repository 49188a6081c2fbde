package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lethean.lem.HubException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A stand-in hub, an empty cache, and a client that waits only milliseconds before it tries again. */
abstract class HubTestCase {

    static final String TOKEN = "hf_verySecretToken";

    @TempDir
    Path folder;

    HubServer server;
    Path cache;
    final List<HubProgress> progress = new ArrayList<>();
    final List<String> notices = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = new HubServer();
        cache = folder.resolve("cache/hub");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    HubOptions options(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(Map.of(
                "HF_ENDPOINT", server.address().toString(),
                "HF_HUB_CACHE", cache.toString()));
        all.putAll(variables);
        return HubOptions.fromEnvironment(all, folder).withRetryWait(Duration.ofMillis(5));
    }

    Hub hub(HubOptions options) {
        return new Hub(options, new HubListener() {
            @Override
            public void onProgress(HubProgress told) {
                progress.add(told);
            }

            @Override
            public void onNotice(String sentence) {
                notices.add(sentence);
            }
        });
    }

    Hub hub() {
        return hub(options(Map.of()));
    }

    Hub offline() {
        return hub(options(Map.of("HF_HUB_OFFLINE", "1")));
    }

    static HubName name(String text) {
        return HubName.parse(text);
    }

    static HubException failure(ThrowingCallable call) {
        return catchThrowableOfType(HubException.class, call);
    }

    static byte[] bytes(int size, long seed) {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return content;
    }
}
