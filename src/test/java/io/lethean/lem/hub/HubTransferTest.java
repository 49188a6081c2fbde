package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contents that are cut, wrong, changed on the way or announced wrongly: resumed or refused, and never in the cache. */
class HubTransferTest extends HubTestCase {

    private static final int SIZE = 300_000;
    private static final HubName NAME = HubName.parse("hf:org/name");

    private final byte[] model = bytes(SIZE, 1);
    private HubRepo repo;
    private String sha256;

    @BeforeEach
    void publish() {
        repo = server.repo("org/name").large("name-Q8_0.gguf", model);
        sha256 = repo.find("name-Q8_0.gguf").orElseThrow().etag();
    }

    /** Whatever happened before: what a program can see in the cache is right. */
    @AfterEach
    void nothingWrongIsInTheCache() throws IOException {
        for (Path file : CacheFiles.visible(cache)) {
            assertThat(file).hasBinaryContent(model);
        }
    }

    private Path partial() {
        return cache.resolve("models--org--name/blobs/" + sha256 + ".lem-partial");
    }

    private void leavePartial(byte[] content) throws IOException {
        Files.createDirectories(partial().getParent());
        Files.write(partial(), content);
    }

    private void content(int times, HubServer.Reply reply) {
        server.rule(times, HubServer.Request::isCdn, reply);
    }

    private static HubServer.Reply cutAt(byte[] content, int end, String etag) {
        return exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
            int from = from(exchange);
            if (from > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            }
            HubServer.send(exchange, from > 0 ? 206 : 200, content, from, end, content.length - from);
        };
    }

    private static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    }

    private static boolean isReached(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<Optional<String>> ranges() {
        return server.requests().stream()
                .filter(HubServer.Request::isCdn)
                .map(HubServer.Request::range)
                .toList();
    }

    private void assertRefusedAndGone(HubException refused, String... words) {
        assertThat(refused.reason()).isEqualTo(Reason.DAMAGED);
        assertThat(refused).hasMessageContainingAll(words);
        assertThat(CacheFiles.visible(cache)).isEmpty();
    }

    private void assertNextDownloadIsRight() throws IOException {
        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);
        assertThat(partial()).doesNotExist();
    }

    @Test
    void cutConnection_resumesWithTheRest() throws IOException {
        content(1, cutAt(model, 100_000, "one"));
        content(1, cutAt(model, 200_000, "one"));

        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);

        assertThat(ranges())
                .containsExactly(Optional.empty(), Optional.of("bytes=100000-"), Optional.of("bytes=200000-"));
        assertThat(server.requests().getLast().ifRange()).contains("\"one\"");
    }

    @Test
    void connectionThatIsCutAgainAndAgain_leavesAPartialFile_andTheNextDownloadResumesIt() throws IOException {
        content(1, cutAt(model, 100_000, "one"));
        content(5, exchange -> cutAt(model, from(exchange), "one").to(exchange));

        HubException stopped = failure(() -> hub().fetchModel(NAME));

        assertThat(stopped.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(stopped)
                .hasMessageStartingWith("The download of hf:org/name/name-Q8_0.gguf@" + repo.commit()
                        + " stopped at 100 kB of 300 kB: the connection was c")
                .hasMessageEndingWith(". Run it again; it resumes there.");
        assertThat(partial()).hasSize(100_000);
        assertThat(CacheFiles.visible(cache)).isEmpty();
        assertThat(server.newLines()).filteredOn(line -> line.contains("/cdn/")).hasSize(6);
        assertNextDownloadIsRight();
        assertThat(ranges()).containsExactly(Optional.of("bytes=100000-"));
    }

    @Test
    void serverThatStandsStill_isAskedForTheRest() throws Exception {
        CountDownLatch restIsAskedFor = new CountDownLatch(1);
        CompletableFuture<Boolean> stoodStillUntilThen = new CompletableFuture<>();
        content(1, exchange -> {
            cutAt(model, 100_000, "one").to(exchange);
            stoodStillUntilThen.complete(isReached(restIsAskedFor));
        });
        content(1, exchange -> {
            restIsAskedFor.countDown();
            cutAt(model, SIZE, "one").to(exchange);
        });

        HubOptions options = options(Map.of()).withStallTimeout(Duration.ofSeconds(3));

        assertThat(hub(options).fetchModel(NAME)).hasBinaryContent(model);
        assertThat(stoodStillUntilThen.get()).isTrue();
        assertThat(ranges()).containsExactly(Optional.empty(), Optional.of("bytes=100000-"));
    }

    @Test
    void wrongBytes_areDeletedAndNamed() throws IOException {
        byte[] wrong = model.clone();
        wrong[SIZE - 1]++;
        content(1, exchange -> HubServer.content(exchange, wrong));

        HubException refused = failure(() -> hub().fetchModel(NAME));

        assertRefusedAndGone(refused, "name-Q8_0.gguf of org/name arrived with the SHA-256 ", sha256 + " was expected");
        assertThat(partial()).doesNotExist();
        assertNextDownloadIsRight();
    }

    @Test
    void wrongBytesOfASmallFile_areFoundByItsGitHash() {
        server.repo("org/small").small("a.json", "{}");
        server.rule(
                1,
                request -> request.line().startsWith("GET /org/small/resolve/"),
                exchange -> HubServer.json(exchange, "[]"));

        HubException refused = failure(() -> hub().fetchFile(name("hf:org/small/a.json")));

        assertRefusedAndGone(refused, "a.json of org/small arrived with the SHA-1 ");
    }

    @Test
    void partialFileThatWasDamaged_isFetchedAgainWithoutAQuestion() throws IOException {
        byte[] damaged = Arrays.copyOf(model, 150_000);
        damaged[3]++;
        leavePartial(damaged);

        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);

        assertThat(ranges()).containsExactly(Optional.of("bytes=150000-"), Optional.empty());
    }

    @Test
    void partialFileThatIsTooLong_startsFromNothing() throws IOException {
        leavePartial(bytes(SIZE + 1, 7));

        assertNextDownloadIsRight();
        assertThat(ranges()).containsExactly(Optional.empty());
    }

    @Test
    void partialFileThatIsComplete_asksForNoContent() throws IOException {
        leavePartial(model);

        assertNextDownloadIsRight();
        assertThat(ranges()).isEmpty();
    }

    /** A server that honours If-Range sends all of the changed file. */
    @Test
    void fileThatChangedOnTheWay_isFetchedFromItsBeginning() throws IOException {
        byte[] old = bytes(SIZE, 5);
        content(1, cutAt(old, 100_000, "old"));
        content(1, exchange -> HubServer.send(exchange, 200, model, 0, SIZE, SIZE));

        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);

        assertThat(server.requests().getLast().ifRange()).contains("\"old\"");
        assertThat(progress).filteredOn(told -> told.done() == 0).hasSize(2);
    }

    /** A server that ignores If-Range sends the rest of another file. */
    @Test
    void restOfAnotherFile_isFoundByTheChecksum() throws IOException {
        content(1, cutAt(bytes(SIZE, 5), 100_000, "old"));

        assertRefusedAndGone(failure(() -> hub().fetchModel(NAME)), "arrived with the SHA-256");
        assertThat(partial()).doesNotExist();
        assertNextDownloadIsRight();
    }

    @Test
    void hubThatNowOffersAnotherContent_isNotBelieved() throws IOException {
        content(1, cutAt(model, 100_000, "one"));
        String other = HubRepo.gitSha1(model) + "0".repeat(24);
        server.rule(1, request -> request.range().isPresent() && !request.isCdn(), exchange -> {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + other + "\"");
            HubServer.content(exchange, model);
        });

        assertRefusedAndGone(
                failure(() -> hub().fetchModel(NAME)),
                "The hub listed name-Q8_0.gguf of org/name with the checksum " + sha256,
                "now offers it with " + other);
        assertNextDownloadIsRight();
    }

    @Test
    void lengthThatIsNotTheListedOne_isRefusedBeforeAByteIsKept() throws IOException {
        for (int length : new int[] {SIZE - 1, SIZE + 1}) {
            content(1, exchange -> HubServer.content(exchange, bytes(length, 1)));

            assertRefusedAndGone(
                    failure(() -> hub().fetchModel(NAME)),
                    "lists name-Q8_0.gguf of org/name with 300000 bytes, and sends " + length);
            assertThat(partial()).isEmptyFile();
        }
        assertNextDownloadIsRight();
    }

    @Test
    void totalLengthInARange_isCheckedToo() throws IOException {
        leavePartial(Arrays.copyOf(model, 100_000));
        content(1, exchange -> HubServer.content(exchange, bytes(SIZE + 9, 1)));

        assertRefusedAndGone(failure(() -> hub().fetchModel(NAME)), "with 300000 bytes, and sends 300009");
        assertNextDownloadIsRight();
    }

    @Test
    void moreBytesThanListed_withoutAnAnnouncedLength_areRefused() throws IOException {
        content(1, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(bytes(SIZE + 70_000, 1));
        });

        assertRefusedAndGone(failure(() -> hub().fetchModel(NAME)), "with 300000 bytes, and sends ");
        assertNextDownloadIsRight();
    }

    @Test
    void anotherRangeThanTheOneAskedFor_startsFromNothing() throws IOException {
        leavePartial(Arrays.copyOf(model, 100_000));
        content(1, exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 50000-299999/300000");
            HubServer.send(exchange, 206, model, 50_000, SIZE, SIZE - 50_000L);
        });

        assertNextDownloadIsRight();
        assertThat(ranges()).containsExactly(Optional.of("bytes=100000-"), Optional.empty());
    }

    @Test
    void rangeThatTheServerDoesNotHave_startsFromNothing() throws IOException {
        leavePartial(Arrays.copyOf(model, 100_000));
        content(1, exchange -> HubServer.status(exchange, 416));

        assertNextDownloadIsRight();
        assertThat(ranges()).containsExactly(Optional.of("bytes=100000-"), Optional.empty());
    }

    @Test
    void compressedContent_isRefused() throws IOException {
        content(1, exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            HubServer.content(exchange, model);
        });

        assertThat(failure(() -> hub().fetchModel(NAME))).hasMessageContaining("compressed (gzip)");
        assertNextDownloadIsRight();
    }

    @Test
    void checksumThatTheListingLiesAbout_isNeverMet() {
        String lie = "0".repeat(64);
        server.rule(
                1,
                request -> request.path().contains("/tree/"),
                exchange -> HubServer.json(
                        exchange,
                        "[{\"type\": \"file\", \"oid\": \"" + "a".repeat(40) + "\", \"size\": " + SIZE
                                + ", \"path\": \"name-Q8_0.gguf\", \"lfs\": {\"oid\": \"" + lie + "\", \"size\": "
                                + SIZE
                                + "}}]"));
        server.rule(
                1,
                request -> request.line().startsWith("GET /org/name/resolve/"),
                exchange -> HubServer.content(exchange, model));

        assertRefusedAndGone(
                failure(() -> hub().fetchModel(NAME)), "arrived with the SHA-256 " + sha256, lie + " was expected");
    }

    @Test
    void fileWithoutAChecksum_isNotDownloaded() {
        server.rule(
                1,
                request -> request.path().contains("/tree/"),
                exchange -> HubServer.json(
                        exchange, "[{\"type\": \"file\", \"oid\": \"?\", \"size\": 9, \"path\": \"a.gguf\"}]"));

        assertThat(failure(() -> hub().fetchModel(NAME))).hasMessageContaining("could not be verified");
        assertThat(CacheFiles.visible(cache)).isEmpty();
    }
}
