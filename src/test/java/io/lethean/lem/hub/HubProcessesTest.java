package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.lethean.lem.LemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Downloads in processes of their own: killed as {@code kill -9} does, at once, and with a full disk. */
class HubProcessesTest extends HubTestCase {

    private static final int KILLS = 10;
    private static final int SIZE = 3_000_000;
    private static final int PIECE = 10_000;
    private static final long SEED = 20261129;

    private final byte[] model = bytes(SIZE, 1);
    private final AtomicLong sent = new AtomicLong();
    private final CountDownLatch gate = new CountDownLatch(1);
    private String sha256;

    /** No piece that begins at this position or after it is sent. */
    private volatile long limit = SIZE;

    /** Downloads a model and prints its path, or the sentence that says why not. */
    static final class Child {

        private Child() {}

        public static void main(String[] arguments) {
            HubOptions options = HubOptions.fromEnvironment(
                    Map.of("HF_ENDPOINT", arguments[0], "HF_HUB_CACHE", arguments[1]), Path.of(arguments[1]));
            try {
                System.out.println(new Hub(options, new HubListener() {
                            @Override
                            public void onProgress(HubProgress progress) {}

                            @Override
                            public void onNotice(String sentence) {
                                System.out.println(sentence);
                            }
                        })
                        .fetchModel(HubName.parse("hf:org/name")));
            } catch (IOException | LemException failed) {
                System.out.println(failed.getMessage());
                System.exit(1);
            }
        }
    }

    @BeforeEach
    void publish() {
        sha256 = server.repo("org/name")
                .large("name.gguf", model)
                .find("name.gguf")
                .orElseThrow()
                .etag();
    }

    /** The server waits for the ends of its replies, also after a test that failed. */
    @AfterEach
    void sendTheRest() {
        limit = SIZE;
        gate.countDown();
    }

    private Process child(String... before) throws IOException {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                server.address().toString(),
                cache.toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String said(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said.strip();
    }

    /** Sends the content, or the rest, in pieces, with a pause after each, and waits in the middle for the gate. */
    private void sendSlowly(Duration pause) {
        server.rule(1000, HubServer.Request::isCdn, exchange -> slowly(exchange, pause));
    }

    private void slowly(HttpExchange exchange, Duration pause) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (range != null) {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (SIZE - 1) + "/" + SIZE);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, SIZE - from);
        for (int at = from; at < SIZE; at += PIECE) {
            while (at >= limit) {
                Pause.sleep(Duration.ofMillis(2));
            }
            exchange.getResponseBody().write(model, at, Math.min(PIECE, SIZE - at));
            exchange.getResponseBody().flush();
            sent.addAndGet(Math.min(PIECE, SIZE - at));
            Pause.sleep(pause);
            if (at >= SIZE / 2) {
                awaitGate();
            }
        }
    }

    private void awaitGate() throws IOException {
        try {
            gate.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Path partial() {
        return cache.resolve("models--org--name/blobs/" + sha256 + ".lem-partial");
    }

    private long arrived() throws IOException {
        return Files.exists(partial()) ? Files.size(partial()) : 0;
    }

    private void awaitBytes(Process process, long count) throws Exception {
        while (process.isAlive() && arrived() < count) {
            Thread.sleep(2);
        }
    }

    @Test
    void downloadKilledAtTenPoints_endsInTheSameBytes_andSendsLittleTwice() throws Exception {
        gate.countDown();
        sendSlowly(Duration.ofMillis(2));
        Random random = new Random(SEED);
        long previous = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            long point = previous + 1 + random.nextInt(SIZE / KILLS - PIECE);
            limit = point + 3 * PIECE;
            Process process = child();
            awaitBytes(process, point);
            assertThat(process.isAlive())
                    .as("the download is running when it is killed")
                    .isTrue();
            process.destroyForcibly().waitFor();

            assertThat(CacheFiles.visible(cache)).isEmpty();
            assertThat(arrived()).as("what arrived is kept").isBetween(point, (long) SIZE);
            assertThat(Arrays.mismatch(Files.readAllBytes(partial()), model)).isEqualTo((int) arrived());
            previous = arrived();
        }

        limit = SIZE;
        Path file = Path.of(said(child()));

        assertThat(file).hasBinaryContent(model);
        assertThat(CacheFiles.visible(cache)).hasSize(2);
        assertThat(partial()).doesNotExist();
        assertThat(server.requests().stream().filter(HubServer.Request::isCdn).skip(1))
                .hasSize(KILLS)
                .allSatisfy(request -> assertThat(request.range()).isPresent());
        assertThat(sent.get()).as("bytes sent in all").isLessThan(SIZE + KILLS * 500_000L);
    }

    @Test
    void twoProcessesAtOnce_downloadOnce() throws Exception {
        sendSlowly(Duration.ZERO);
        Process first = child();
        awaitBytes(first, 1);
        Process second = child();
        BufferedReader lines = second.inputReader(StandardCharsets.UTF_8);
        assertThat(lines.readLine()).isEqualTo("Another download of name.gguf is running; waiting for it.");

        gate.countDown();

        String file = said(first);
        assertThat(lines.readLine()).isEqualTo(file);
        assertThat(Path.of(file)).hasBinaryContent(model);
        assertThat(server.requests()).filteredOn(HubServer.Request::isCdn).hasSize(1);
    }

    @Test
    void secondProcess_resumesWhatTheKilledFirstOneBegan() throws Exception {
        sendSlowly(Duration.ZERO);
        Process first = child();
        awaitBytes(first, 200_000);
        Process second = child();
        BufferedReader lines = second.inputReader(StandardCharsets.UTF_8);
        assertThat(lines.readLine()).startsWith("Another download of name.gguf is running;");

        first.destroyForcibly().waitFor();
        gate.countDown();

        assertThat(Path.of(lines.readLine())).hasBinaryContent(model);
        assertThat(server.requests()).filteredOn(HubServer.Request::isCdn).hasSize(2);
    }

    @Test
    void severalThreads_downloadOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Path> found = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 6; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    found.add(new Hub(options(Map.of())).fetchModel(name("hf:org/name")));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(found).hasSize(6).allSatisfy(file -> assertThat(file).hasBinaryContent(model));
        assertThat(server.requests()).filteredOn(HubServer.Request::isCdn).hasSize(1);
    }

    /** The limit of a file's size stands in for a full disk: the system refuses to write more. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "ulimit is missing")
    void fullDisk_isASentence_andWhatArrivedIsUsedLater() throws Exception {
        Process limited = child("/bin/bash", "-c", "ulimit -f 1000; exec \"$@\"", "bash");

        String said = said(limited);

        assertThat(limited.exitValue()).as(said).isEqualTo(1);
        assertThat(said).contains(partial().toString()).containsIgnoringCase("space");
        assertThat(CacheFiles.visible(cache)).isEmpty();
        assertThat(arrived()).isPositive();
        assertThat(Path.of(said(child()))).hasBinaryContent(model);
        assertThat(server.requests().getLast().range()).isPresent();
    }

    @Test
    void fileThatIsLargerThanTheDisk_isRefusedBeforeItsFirstByte() {
        server.rule(
                1,
                request -> request.path().contains("/tree/"),
                exchange -> HubServer.json(
                        exchange,
                        "[{\"type\": \"file\", \"oid\": \"" + "a".repeat(40)
                                + "\", \"size\": 900000000000000000, \"path\": \"huge.gguf\"}]"));

        assertThatThrownBy(() -> hub().fetchModel(name("hf:org/name")))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("huge.gguf needs 900000 TB, and ")
                .hasMessageContaining("name another folder for the cache with HF_HUB_CACHE.");
        assertThat(server.newLines()).noneMatch(line -> line.contains("resolve"));
    }
}
